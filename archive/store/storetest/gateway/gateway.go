// Package gateway runs an S3 server for tests: versitygw, a gateway to a folder of the local disk, as a process of its own on a loopback address. It is
// not in go.mod, as it would bring two hundred modules: .ci/run installs it in the user's cache folder, and tests that need it skip themselves where it is
// not there. Tests of any package may import this one; nothing else does.
//
// What it does not do, no test can show with it: server-side encryption and storage classes are accepted and ignored.
package gateway

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tearsheet/archive/store"
)

// Version is the version of versitygw that the tests are made for.
const Version = "v1.8.0"

// The credentials of every gateway.
const (
	AccessKey = "tearsheettest"
	SecretKey = "kept-out-of-every-log-7f3a"
)

// Region is what every gateway calls its own.
const Region = "us-east-1"

// Gateway is a running S3 server.
type Gateway struct {
	Endpoint string // URL
	CA       string // PEM file with the certificate of a gateway with TLS; "" of another

	bin, dir, port string
	args           []string
	cmd            *exec.Cmd
	client         *http.Client
	output         *bytes.Buffer
}

// Options of a gateway.
type Options struct {
	TLS bool
}

// Binary is where .ci/run installs versitygw.
func Binary() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "tearsheet-ci", "versitygw-"+Version, "versitygw"), nil
}

// Require skips the test where versitygw is not installed, and gives its path.
func Require(tb testing.TB) string {
	tb.Helper()
	bin, err := Binary()
	if err == nil {
		_, err = os.Stat(bin)
	}
	if err != nil {
		tb.Skipf("versitygw %s is not installed, so nothing is tested against an S3 server; .ci/run installs it (%v)", Version, err)
	}
	return bin
}

// Start runs a gateway until the test ends. Without versitygw the test is skipped.
func Start(tb testing.TB, o Options) *Gateway {
	tb.Helper()
	bin := Require(tb)
	var err error
	g := &Gateway{bin: bin, dir: tb.TempDir(), client: http.DefaultClient}
	for _, dir := range []string{"objects", "versions"} {
		if err := os.Mkdir(filepath.Join(g.dir, dir), 0o777); err != nil {
			tb.Fatal(err)
		}
	}
	scheme := "http"
	if o.TLS {
		scheme = "https"
		if err := g.certify(); err != nil {
			tb.Fatal(err)
		}
	}
	if g.port, err = freePort(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	g.Endpoint = scheme + "://127.0.0.1:" + g.port
	g.Run(tb)
	tb.Cleanup(func() { g.Stop(tb) })
	return g
}

func freePort(ctx context.Context) (string, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "", err
	}
	return port, l.Close()
}

// Run starts the server again after Stop, at the same address and with the same objects.
func (g *Gateway) Run(tb testing.TB) {
	tb.Helper()
	args := []string{"--access", AccessKey, "--secret", SecretKey, "--region", Region, "--port", "127.0.0.1:" + g.port, "--quiet"}
	args = append(args, g.args...)
	args = append(args, "posix", "--versioning-dir", filepath.Join(g.dir, "versions"), filepath.Join(g.dir, "objects"))
	g.output = new(bytes.Buffer)
	g.cmd = exec.Command(g.bin, args...) //nolint:gosec // where it is installed
	g.cmd.Dir, g.cmd.Stdout, g.cmd.Stderr = g.dir, g.output, g.output
	if err := g.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		resp, err := g.client.Get(g.Endpoint)
		if err == nil {
			if err := resp.Body.Close(); err != nil {
				tb.Fatal(err)
			}
			return
		}
		if time.Now().After(deadline) {
			tb.Fatalf("versitygw does not answer: %v\n%s", err, g.output)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// Stop ends the server at once, as a power failure would.
func (g *Gateway) Stop(tb testing.TB) {
	tb.Helper()
	if g.cmd == nil {
		return
	}
	if err := g.cmd.Process.Kill(); err != nil {
		tb.Error(err)
	}
	_ = g.cmd.Wait() // it was killed
	g.cmd = nil
}

// Objects is the folder in which the gateway keeps the objects, a folder for each bucket.
func (g *Gateway) Objects() string { return filepath.Join(g.dir, "objects") }

// Bucket makes a new bucket: one that keeps versions, and with lock also has Object Lock.
func (g *Gateway) Bucket(tb testing.TB, lock bool) string {
	tb.Helper()
	name := "b" + strings.ToLower(rand.Text()[:12])
	if err := store.MakeBucket(tb.Context(), g.Options(name), lock); err != nil {
		tb.Fatal(err)
	}
	return name
}

// Options gives what opens a bucket of the gateway: the credentials are those in the environment, see Environment.
func (g *Gateway) Options(bucket string) store.S3Options {
	o := store.S3Options{Bucket: bucket, Prefix: "papers", Region: Region, Endpoint: g.Endpoint, PathStyle: true}
	if g.CA != "" {
		o.Transport = g.client.Transport
	}
	return o
}

// Environment gives the variables by which the AWS SDK finds who it is, and looks for nothing elsewhere.
func Environment() map[string]string {
	return map[string]string{
		"AWS_ACCESS_KEY_ID": AccessKey, "AWS_SECRET_ACCESS_KEY": SecretKey, "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_REGION": Region,
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": "", "AWS_CA_BUNDLE": "",
	}
}

// certify makes a certificate for the gateway.
func (g *Gateway) certify() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "gateway"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	g.CA = filepath.Join(g.dir, "cert.pem")
	for name, block := range map[string]*pem.Block{g.CA: {Type: "CERTIFICATE", Bytes: der}, filepath.Join(g.dir, "key.pem"): {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			return fmt.Errorf("certificate of the gateway: %w", err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	g.args = append(g.args, "--cert", g.CA, "--key", filepath.Join(g.dir, "key.pem"))
	g.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 16}}
	return nil
}
