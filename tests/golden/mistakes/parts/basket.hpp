#pragma once
class Basket {
 public:
  void add() { items_ += 1 }

 private:
  int items_ = 0;
};
