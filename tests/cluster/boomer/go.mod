module cicada.test/boomer

go 1.18

require github.com/myzhan/boomer v1.6.0
