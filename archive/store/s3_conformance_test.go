package store_test

import (
	"testing"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest"
	"tearsheet/archive/store/storetest/gateway"
)

func setEnvironment(t *testing.T) {
	for name, value := range gateway.Environment() {
		t.Setenv(name, value)
	}
}

func TestS3(t *testing.T) {
	setEnvironment(t)
	for name, o := range map[string]gateway.Options{"over HTTP": {}, "over HTTPS": {TLS: true}} {
		t.Run(name, func(t *testing.T) {
			g := gateway.Start(t, o)
			storetest.Run(t, func(t *testing.T) store.Store {
				options := g.Options(g.Bucket(t, false))
				options.PartSize = 5 << 20
				s, err := store.OpenS3(t.Context(), options)
				if err != nil {
					t.Fatal(err)
				}
				return s
			})
		})
	}
}
