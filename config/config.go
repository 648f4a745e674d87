// Package config holds the settings that stand before a command is typed: the file tearsheet.yaml and the environment.
//
// It knows their names, defaults and limits, and it says with file, line and column what is wrong with them. It does not know the
// command line: cmd/tearsheet lays flags over what Load returns, and is the only package that imports this one. Nothing else in the
// program reads the environment. Precedence, weakest first:
//
//	defaults < tearsheet.yaml < environment < flags
//
// A configuration file, with every key and its default:
//
//	archive: ./archive     # folder of the archive, or s3://bucket/prefix; a relative path starts at this file's folder, ~/ at yours
//	work: ""               # folder in which runs are written before they are stored; empty for .work in the archive's folder, and for a
//	                       # bucket for a folder of its own below ~/.local/state/tearsheet
//	keep_local: 0          # of runs that are stored in a bucket: 7d, 10GB or both (7d,10GB) stay here too
//	warc_size: 1GB         # bytes after which a run begins a new WARC file; of a bucket's, the finished one is stored at once
//	user_agent: ""         # User-Agent of every request; empty for tearsheet's own
//	log:
//	  format: text         # text or json
//	  level: warn          # debug, info, warn or error
//	s3:                    # for s3:// archives; credentials come from the AWS SDK's variables and files, never from here
//	  endpoint: ""         # URL of a store that is not Amazon's
//	  region: ""           # empty for that of the SDK's variables and files
//	  path_style: false    # https://host/bucket instead of https://bucket.host; true by default where an endpoint is given
//	  checksum: sha256     # sha256, crc64nvme, crc32 or none: tearsheet doctor finds out which the store checks
//	  storage_class: ""    # of new objects, as the store names it
//	  sse: ""              # AES256 or aws:kms
//	  kms_key: ""          # id or ARN, with sse: aws:kms
//	  lock:                # Object Lock of new objects; the bucket must have it
//	    mode: ""           # governance or compliance
//	    retain: 0s         # how long: 90d, 10y
//	    legal_hold: false
//	  single_writer: false # accept a store that ignores conditional writes: only one process may ever write to it
//	  part_size: 16MiB     # of large objects; 5MiB to 5GiB
//	  workers: 4           # parts sent at once
//	  bandwidth: 0         # bytes a second: 2MB, say; 0 as fast as it goes
//	  patience: 15m        # how long an outage of the store is waited out
//	signing:               # see tearsheet keygen
//	  key: ""              # file with the secret key that signs the log; or TEARSHEET_SIGNING_KEY, with the key itself
//	  wacz_key: ""         # file with the secret key that signs exported WACZ files
//	  trusted: []          # public keys, or files with them, that verify trusts beside the own key's
//	  require_signature: false  # commit nothing without a signature, and let verify miss none
//	  timestamp:           # RFC 3161
//	    url: ""            # time stamping authority that is asked with every commit
//	    ca: ""             # PEM file with the certificates of authorities that are trusted
//	    required: false    # commit nothing without a time stamp
package config

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// DefaultFile is the configuration file that is read, if it is there, when neither a flag nor the environment names one.
const DefaultFile = "tearsheet.yaml"

// Config is the settings after defaults, file and environment were laid over each other. Its yaml tags are the keys of the file.
type Config struct {
	Archive   string    `yaml:"archive"`    // folder of the archive, or s3://bucket/prefix
	Work      string    `yaml:"work"`       // folder in which runs are written; "" leaves it to WorkFolder
	KeepLocal KeepLocal `yaml:"keep_local"` // of runs that are stored in a bucket
	WARCSize  Size      `yaml:"warc_size"`  // bytes after which a new WARC file is begun
	UserAgent string    `yaml:"user_agent"` // User-Agent header; "" leaves the choice to the program
	Log       Log       `yaml:"log"`
	S3        S3        `yaml:"s3"`
	Signing   Signing   `yaml:"signing"`
}

// Default is what holds when nothing was configured.
func Default() Config {
	return Config{Archive: "archive", WARCSize: 1e9, Log: Log{Format: Text, Level: Level(slog.LevelWarn)}, S3: defaultS3()}
}

// Environment is what the program takes from its environment.
type Environment struct {
	Archive string // TEARSHEET_ARCHIVE: folder of the archive, or s3://bucket/prefix
	Work    string // TEARSHEET_WORK: folder in which runs are written
	File    string // TEARSHEET_CONFIG: the configuration file
	Home    string // HOME: what ~/ in the configuration file stands for
	State   string // XDG_STATE_HOME: where programs keep what they need again; "" for .local/state in Home
	S3      string // AWS_ENDPOINT_URL_S3, or AWS_ENDPOINT_URL: URL of an S3 store that is not Amazon's
	Secret  string // TEARSHEET_SIGNING_KEY: the secret key that signs the log
	NoColor bool   // NO_COLOR is set and not empty (https://no-color.org), or TERM is "dumb"
}

// ReadEnvironment reads the environment of this process.
func ReadEnvironment() Environment {
	return Environment{
		Archive: os.Getenv("TEARSHEET_ARCHIVE"),
		Work:    os.Getenv("TEARSHEET_WORK"),
		File:    os.Getenv("TEARSHEET_CONFIG"),
		Home:    os.Getenv("HOME"),
		State:   os.Getenv("XDG_STATE_HOME"),
		S3:      cmp.Or(os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL")),
		Secret:  os.Getenv("TEARSHEET_SIGNING_KEY"),
		NoColor: os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb",
	}
}

// Bucket reports whether the archive is in an S3 bucket.
func (c Config) Bucket() bool { return isBucket(c.Archive) }

func isBucket(place string) bool { return strings.HasPrefix(place, "s3://") }

// WorkFolder gives the folder in which runs are written before they are stored. By default that is inside an archive's own folder, so that finished
// files need no copying; for a bucket it is one of its own below the user's folder for state (XDG Base Directory Specification), so that two buckets never
// share one.
func (c Config) WorkFolder(env Environment) (string, error) {
	switch {
	case c.Work != "":
		return c.Work, nil
	case !c.Bucket():
		return filepath.Join(c.Archive, ".work"), nil
	}
	state := env.State
	if !filepath.IsAbs(state) { // the specification wants relative ones ignored
		if env.Home == "" {
			return "", fmt.Errorf("an archive in a bucket needs a local folder for its runs, and there is no home folder (HOME is not set): name one with work: in the configuration file, or TEARSHEET_WORK")
		}
		state = filepath.Join(env.Home, ".local", "state")
	}
	sum := sha256.Sum256([]byte(c.S3.Endpoint + "\n" + strings.TrimRight(c.Archive, "/")))
	readable := strings.Map(func(r rune) rune {
		if r < 0x80 && (r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return r
		}
		return '-'
	}, strings.TrimPrefix(c.Archive, "s3://"))
	return filepath.Join(state, "tearsheet", fmt.Sprintf("%.60s-%x", strings.Trim(readable, "-."), sum[:4])), nil
}

// place gives the folder that a file in dir names for key: relative to dir, or with ~/ below the home folder, as a shell would read it. A bucket's address
// stays as it is.
func place(key, folder, dir, home string) (string, error) {
	below, inHome := strings.CutPrefix(folder, "~/")
	switch {
	case inHome && home == "":
		return "", fmt.Errorf("%s is %s, and there is no home folder (HOME is not set)", key, folder)
	case inHome:
		return filepath.Join(home, below), nil
	case folder == "" || filepath.IsAbs(folder) || isBucket(folder):
		return folder, nil
	}
	return filepath.Join(dir, folder), nil
}

// FileName gives the configuration file that Load reads: the first that is named of file (a flag's value), env.File, and DefaultFile in the current
// folder, which alone may be missing.
func FileName(file string, env Environment) (name string, mayBeMissing bool) {
	name = cmp.Or(file, env.File)
	return cmp.Or(name, DefaultFile), name == ""
}

// Load lays the configuration file (FileName) and then env over the defaults. Errors of the file are of type *Error.
func Load(file string, env Environment) (Config, error) {
	c := Default()
	name, mayBeMissing := FileName(file, env)
	text, err := os.ReadFile(name)
	switch {
	case err == nil:
		if err := decode(text, name, &c); err != nil {
			return Config{}, err
		}
		places := c.Signing.places()
		places["archive"], places["work"] = &c.Archive, &c.Work
		for i := range c.Signing.Trusted {
			if !isPublicKey(c.Signing.Trusted[i]) {
				places[fmt.Sprintf("signing.trusted[%d]", i)] = &c.Signing.Trusted[i]
			}
		}
		for key, folder := range places {
			if *folder, err = place(key, *folder, filepath.Dir(name), env.Home); err != nil {
				return Config{}, &Error{File: name, Err: err}
			}
		}
	case !mayBeMissing || !errors.Is(err, fs.ErrNotExist):
		return Config{}, &Error{File: name, Err: errors.Unwrap(err)}
	}
	if env.Archive != "" {
		c.Archive = env.Archive
	}
	if env.Work != "" {
		c.Work = env.Work
	}
	if env.S3 != "" {
		if err := CheckEndpoint(env.S3); err != nil {
			return Config{}, fmt.Errorf("AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL: %w", err)
		}
		c.S3.Endpoint = env.S3
	}
	c.Signing.Secret = env.Secret
	return c, nil
}
