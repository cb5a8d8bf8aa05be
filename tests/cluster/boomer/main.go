// SPDX-License-Identifier: Apache-2.0
// A worker made with boomer: its users get "/" of the shop named by SHOP, ten times a second each.
package main

import (
	"io"
	"net/http"
	"os"
	"time"

	"github.com/myzhan/boomer"
)

func main() {
	client := &http.Client{Timeout: 10 * time.Second}
	look := &boomer.Task{
		Name:   "Looker",
		Weight: 1,
		Fn: func() {
			began := time.Now()
			answer, err := client.Get(os.Getenv("SHOP") + "/")
			took := time.Since(began).Milliseconds()
			if err != nil {
				boomer.RecordFailure("GET", "/", took, err.Error())
			} else {
				size, _ := io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				boomer.RecordSuccess("GET", "/", took, size)
			}
			time.Sleep(100 * time.Millisecond)
		},
	}
	boomer.Run(look)
}
