package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"tearsheet/archive/store"
	"tearsheet/archive/store/storetest/gateway"
)

// TestBucketScript runs testdata/s3/*.txt: what a person types and sees whose archive is in a bucket.
func TestBucketScript(t *testing.T) {
	for name, value := range gateway.Environment() {
		t.Setenv(name, value)
	}
	gateway.Require(t)
	p := scriptParams("testdata/s3")
	setup := p.Setup
	p.Setup = func(e *testscript.Env) error {
		for name, value := range gateway.Environment() {
			e.Setenv(name, value)
		}
		g := gateway.Start(t, gateway.Options{}) // one of its own, as scripts run side by side
		bucket := g.Bucket(t, false)
		e.Setenv("AWS_ENDPOINT_URL_S3", g.Endpoint)
		e.Setenv("BUCKET", "s3://"+bucket+"/papers")
		e.Setenv("OBJECTS", filepath.Join(g.Objects(), bucket, "papers"))
		e.Values[bucketKey{}] = g.Options(bucket)
		e.Values[gatewayKey{}] = g
		return setup(e)
	}
	p.Cmds["machine"] = cmdMachine
	p.Cmds["store-lacks"] = cmdStoreLacks
	p.Cmds["flip-object"] = cmdFlipObject
	p.Cmds["delete-object"] = cmdDeleteObject
	p.Cmds["store-stops"] = func(ts *testscript.TestScript, _ bool, _ []string) { ts.Value(gatewayKey{}).(*gateway.Gateway).Stop(t) }
	p.Cmds["store-returns"] = func(ts *testscript.TestScript, _ bool, _ []string) { ts.Value(gatewayKey{}).(*gateway.Gateway).Run(t) }
	testscript.Run(t, p)
}

// cmdMachine (usage: machine NAME) goes on as on another machine: what programs keep between two of their runs is a folder of its own.
func cmdMachine(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "machine NAME")
	state := ts.MkAbs(filepath.Join("machines", args[0]))
	ts.Check(os.MkdirAll(state, 0o777))
	ts.Setenv("XDG_STATE_HOME", state)
	ts.Setenv("XDG_CACHE_HOME", filepath.Join(state, "cache"))
}

// cmdStoreLacks (usage: store-lacks TEXT) fails when TEXT stands in any object of the bucket, in its name, or in a file that a machine keeps.
func cmdStoreLacks(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "store-lacks TEXT")
	files := 0
	for _, dir := range []string{ts.Getenv("OBJECTS"), ts.MkAbs("machines")} {
		ts.Check(filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			files++
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if strings.HasSuffix(path, ".gz") {
				if text, err = unpacked(text); err != nil {
					return err
				}
			}
			if strings.Contains(string(text), args[0]) || strings.Contains(path, args[0]) {
				return errors.New(path + " holds what must stand nowhere")
			}
			return nil
		}))
	}
	if files < 8 {
		ts.Fatalf("only %d files were looked at", files)
	}
}

// bucketKey is where a script keeps what opens its bucket, gatewayKey where it keeps the store.
type (
	bucketKey  struct{}
	gatewayKey struct{}
)

// cmdFlipObject (usage: flip-object PATTERN) turns over a bit in the middle of the first object of the bucket whose file matches, behind the store's back.
func cmdFlipObject(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "flip-object PATTERN")
	name := objectFile(ts, args[0])
	text, err := os.ReadFile(name)
	ts.Check(err)
	text[len(text)/2] ^= 1
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	ts.Check(err)
	_, err = f.Write(text)
	ts.Check(errors.Join(err, f.Close()))
}

// cmdDeleteObject (usage: delete-object PATTERN) deletes the first object that matches, as somebody with the right to does.
func cmdDeleteObject(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "delete-object PATTERN")
	key, err := filepath.Rel(ts.Getenv("OBJECTS"), objectFile(ts, args[0]))
	ts.Check(err)
	s, err := store.OpenS3(context.Background(), ts.Value(bucketKey{}).(store.S3Options))
	ts.Check(err)
	ts.Check(s.Remove(context.Background(), filepath.ToSlash(key)))
}

// objectFile finds the file in which the gateway keeps an object.
func objectFile(ts *testscript.TestScript, pattern string) (found string) {
	wanted, err := regexp.Compile(pattern)
	ts.Check(err)
	ts.Check(filepath.WalkDir(ts.Getenv("OBJECTS"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && found == "" && wanted.MatchString(path) {
			found = path
		}
		return err
	}))
	if found == "" {
		ts.Fatalf("no object matches %s", pattern)
	}
	return found
}

// unpacked gives the bytes of a gzip file.
func unpacked(packed []byte) ([]byte, error) {
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(zr)
}
