# docker build -t cicada . && docker run --rm -v "$PWD:/test" cicada -f cicadafile.cpp --headless ...
FROM debian:12-slim AS build
WORKDIR /cicada
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends make
COPY tools/setup tools/setup
RUN tools/setup build
COPY . .
RUN make install DESTDIR=/installed prefix=/usr/local

# The compiler stays: a test is compiled when it starts.
FROM debian:12-slim
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends g++ pkg-config \
       libcpp-httplib0.11 libfmt9 libsodium23 libssl3 liburing2 libzmq5 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home cicada && install -d -o cicada /test
COPY --from=build /installed /
USER cicada
WORKDIR /test
EXPOSE 8089
ENTRYPOINT ["cicada"]
