# A static tool chain in one stage, the binary and nothing else in the other.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
# For `polysink --version`: the repository is not in the context.
ARG COMMIT=
# SQLX_OFFLINE: the statements are checked against the committed metadata, without a database.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    SQLX_OFFLINE=true POLYSINK_BUILD_COMMIT=$COMMIT cargo build --release --locked \
    && cp target/release/polysink /polysink \
    && mkdir /data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /polysink /usr/local/bin/polysink
COPY --from=build --chown=nonroot:nonroot /data /var/lib/polysink
ENV POLYSINK_LISTEN=0.0.0.0:8080 \
    POLYSINK_DATA_DIR=/var/lib/polysink
VOLUME /var/lib/polysink
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 CMD ["/usr/local/bin/polysink", "health"]
ENTRYPOINT ["/usr/local/bin/polysink"]
CMD ["serve"]
