// Command oracle-intervals says which times lie in which time intervals, by Alertmanager's own code.
//
// It reads requests from standard input, one JSON object a line: {"id", "config", "times"}, the first being YAML with
// time_intervals as in a configuration. It writes one answer a line in the same order: {"id", "result"}, for each time
// the names of the intervals that it lies in, or {"id", "error"}. It is a program beside the oracle, as it is linked
// with another version of Alertmanager.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	_ "time/tzdata" // zones where the machine has none

	"github.com/prometheus/alertmanager/timeinterval"
	"go.yaml.in/yaml/v2"
)

type request struct {
	ID     json.RawMessage `json:"id"`
	Config string          `json:"config"`
	Times  []string        `json:"times"`
}

type answer struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Result [][]string      `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

type configuration struct {
	TimeIntervals []struct {
		Name          string                      `yaml:"name"`
		TimeIntervals []timeinterval.TimeInterval `yaml:"time_intervals"`
	} `yaml:"time_intervals"`
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle-intervals:", err)
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
	defer func() {
		a.ID = r.ID
		if reason := recover(); reason != nil {
			a.Result, a.Error = nil, fmt.Sprintf("panic: %v", reason)
		}
	}()
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&r)
	if err == nil {
		a.Result, err = inside(r.Config, r.Times)
	}
	if err != nil {
		a.Result, a.Error = nil, err.Error()
	}
	return a
}

func inside(text string, times []string) ([][]string, error) {
	var c configuration
	if err := yaml.UnmarshalStrict([]byte(text), &c); err != nil {
		return nil, err
	}
	named := map[string][]timeinterval.TimeInterval{}
	for _, interval := range c.TimeIntervals {
		named[interval.Name] = interval.TimeIntervals
	}
	intervener := timeinterval.NewIntervener(named)
	found := make([][]string, len(times))
	for i, text := range times {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, err
		}
		found[i] = []string{}
		for _, interval := range c.TimeIntervals {
			in, _, err := intervener.Mutes([]string{interval.Name}, at)
			if err != nil {
				return nil, err
			}
			if in {
				found[i] = append(found[i], interval.Name)
			}
		}
	}
	return found, nil
}
