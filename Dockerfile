# The tool alone, static, in an empty image:
#
#   docker build --build-arg VERSION=1.0.0 -t tearsheet .
#   docker run --rm -v "$PWD/papers:/archive" --user "$(id -u):$(id -g)" tearsheet capture https://www.example.com/news/story.html
#
# With an archive in a bucket the volume holds what is not stored yet, so it must outlive the container all the same:
#
#   docker run --rm -v tearsheet-work:/archive -e AWS_ACCESS_KEY_ID -e AWS_SECRET_ACCESS_KEY -e AWS_REGION \
#     tearsheet capture --archive s3://papers/2026 https://www.example.com/news/story.html

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/tearsheet ./cmd/tearsheet
# An empty image has no folders: the archive, which user 65532 may write, and one for temporary files, which everybody may.
RUN mkdir -p /out/root/archive /out/root/tmp && chmod 1777 /out/root/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /out/root/ /
COPY --from=build /out/tearsheet /usr/local/bin/tearsheet
COPY LICENSE /LICENSE
USER 65532:65532
WORKDIR /
ENV TEARSHEET_ARCHIVE=/archive TEARSHEET_WORK=/archive/.work
VOLUME /archive
ENTRYPOINT ["/usr/local/bin/tearsheet"]
CMD ["help"]
