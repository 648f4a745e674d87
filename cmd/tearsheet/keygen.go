package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"tearsheet/archive/notary"
)

// keygenFlags are the flags of keygen.
type keygenFlags struct {
	name, output string
	json         bool
}

func newKeygenCommand(a *app) *cobra.Command {
	var f keygenFlags
	cmd := &cobra.Command{
		Use:   "keygen",
		Short: "Make the keys that sign the log and exported files",
		Long: `Makes two pairs of keys, and tells what to write into tearsheet.yaml. No file is ever overwritten.

  log.key, log.pub        sign every entry of the log (Ed25519, a C2SP signed note over the root of
                          the log's tree): give log.pub to all who verify the archive
  wacz.pem, wacz.pub.pem  sign exported WACZ files, as players verify them (ECDSA with P-384)

The secret ones, log.key and wacz.pem, can be read by you alone: whoever has them can sign as you.
The name of the log stands in every signature, and must be one that nobody else uses.

With --json: one object {name, public, key, wacz_key, files}.`,
		Example:     "  tearsheet keygen --name example.org/papers --out /etc/tearsheet\n  tearsheet keygen",
		Args:        noArguments,
		Annotations: exitStatus(codeStorage),
		RunE:        func(*cobra.Command, []string) error { return a.keygen(f) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.name, "name", "", "name of the log, `ORIGIN`: without spaces and plus signs (default HOST/tearsheet)")
	fs.StringVar(&f.output, "out", ".", "folder `DIR` for the files")
	fs.BoolVar(&f.json, "json", false, "print one JSON object")
	return cmd
}

// madeKeys is what keygen --json prints.
type madeKeys struct {
	Name    string   `json:"name"`
	Public  string   `json:"public"`
	Key     string   `json:"key"`
	WACZKey string   `json:"wacz_key"`
	Files   []string `json:"files"`
}

func (a *app) keygen(f keygenFlags) error {
	if f.name == "" {
		host, err := os.Hostname()
		if err != nil {
			return usagef("say with --name what the log is called: this machine has no name (%w)", err)
		}
		f.name = cmp.Or(host, "localhost") + "/tearsheet"
	}
	secret, public, err := notary.GenerateKey(nil, f.name)
	if err != nil {
		return usagef("--name: %w", err)
	}
	waczSecret, waczPublic, err := notary.GeneratePackageKey(nil)
	if err != nil {
		return fmt.Errorf("making a key for WACZ files: %w", err)
	}
	dir, err := filepath.Abs(f.output)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return resultError{codeStorage, fmt.Errorf("making the folder for the keys: %w", err)}
	}
	files := []struct {
		name string
		mode fs.FileMode
		text []byte
	}{{"log.key", 0o600, []byte(secret + "\n")}, {"log.pub", 0o644, []byte(public + "\n")}, {"wacz.pem", 0o600, waczSecret}, {"wacz.pub.pem", 0o644, waczPublic}}
	made := madeKeys{Name: f.name, Public: public, Key: filepath.Join(dir, "log.key"), WACZKey: filepath.Join(dir, "wacz.pem")}
	for _, file := range files { // before any is written
		path := filepath.Join(dir, file.name)
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return resultf(codeStorage, "%s is there already, and keys are not overwritten: choose another folder with --out", path)
		}
		made.Files = append(made.Files, path)
	}
	for i, file := range files {
		if err := writeKey(made.Files[i], file.mode, file.text); err != nil {
			return resultError{codeStorage, fmt.Errorf("writing a key: %w", err)}
		}
	}
	if f.json {
		return a.printJSON(made)
	}
	fmt.Fprintf(a.stdout, "public key of the log, for all who verify:\n  %s\n\nin tearsheet.yaml:\n  signing:\n    key: %s\n    wacz_key: %s\n", made.Public, made.Key, made.WACZKey)
	return nil
}

func writeKey(path string, mode fs.FileMode, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}
