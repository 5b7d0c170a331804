// Command oracle-operator says whether the Prometheus Operator takes a configuration, by the operator's own code.
//
// It reads requests from standard input, one JSON object a line: {"id", "config", "alertmanager"}, the last being the
// version in the Alertmanager object. It writes one answer a line in the same order: {"id", "result"} or
// {"id", "error"}. It is a program beside the oracle, and one for each version of the operator, because each is
// linked with its own Alertmanager, whose judgement is part of the operator's.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/blang/semver/v4"
	"github.com/prometheus-operator/prometheus-operator/pkg/alertmanager"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

type request struct {
	ID           json.RawMessage `json:"id"`
	Config       string          `json:"config"`
	Alertmanager string          `json:"alertmanager"`
}

type answer struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Result *verdict        `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// verdict: Generated is what the operator writes for Alertmanager, Warnings what it logs about fields that it drops.
type verdict struct {
	Accepted  bool     `json:"accepted"`
	Error     string   `json:"error"`
	Warnings  []string `json:"warnings"`
	Generated string   `json:"generated"`
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle-operator:", err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	lines, answers := bufio.NewReader(in), json.NewEncoder(out)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := answers.Encode(reply(line)); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func reply(line []byte) (a answer) {
	var r request
	defer func() { a.ID = r.ID }()
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&r)
	if err == nil {
		a.Result, err = judge(r.Config, r.Alertmanager)
	}
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

// judge does what the operator does when the object has an alertmanagerConfigSelector and no AlertmanagerConfig is
// there (provisionAlertmanagerConfiguration in its pkg/alertmanager/operator.go).
func judge(text, version string) (v *verdict, err error) {
	of, err := semver.ParseTolerant(version)
	if err != nil {
		return nil, fmt.Errorf("the version %q of Alertmanager: %w", version, err)
	}
	defer func() {
		// Some configurations end the real operator so, a null entry among the routes for one.
		if reason := recover(); reason != nil {
			v = &verdict{Error: fmt.Sprintf("panic: %v", reason), Warnings: []string{}}
		}
	}()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn, ReplaceAttr: messageOnly}))
	builder := alertmanager.NewConfigBuilder(logger, of, nil, &monitoringv1.Alertmanager{})
	if err := builder.InitializeFromRawConfiguration([]byte(text)); err != nil {
		return &verdict{Error: err.Error(), Warnings: []string{}}, nil
	}
	// With none to add, this still drops or refuses what the version of Alertmanager does not know.
	err = builder.AddAlertmanagerConfigs(context.Background(), nil)
	warnings := strings.FieldsFunc(log.String(), func(r rune) bool { return r == '\n' })
	if err != nil {
		return &verdict{Error: err.Error(), Warnings: warnings}, nil
	}
	generated, err := builder.MarshalJSON() // YAML, whatever its name says
	if err != nil {
		return &verdict{Error: err.Error(), Warnings: warnings}, nil
	}
	return &verdict{Accepted: true, Warnings: warnings, Generated: string(generated)}, nil
}

func messageOnly(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
		return slog.Attr{}
	}
	return a
}
