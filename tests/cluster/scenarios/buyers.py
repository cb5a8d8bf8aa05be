# SPDX-License-Identifier: Apache-2.0
# What a Locust master has to know of buyers.cpp: the names of its classes.
from locust import HttpUser, constant, task


class Buyer(HttpUser):
    wait_time = constant(0.01)

    @task
    def buy(self):
        self.client.get("/items/1", name="/items/[id]")


class Looker(HttpUser):
    wait_time = constant(0.01)

    @task
    def look(self):
        self.client.get("/")
