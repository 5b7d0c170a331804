// Command oracle says what Alertmanager does with a configuration, by Alertmanager's own code.
//
// It reads requests from standard input, one JSON object a line, and writes one answer a line in the same order:
// {"id", "result"} or {"id", "error"}. What can be asked is in oracle.do; tests/oracle.py is the client.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/matcher/compat"
	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
)

type request struct {
	ID      json.RawMessage     `json:"id"`
	Op      string              `json:"op"`
	Config  string              `json:"config"`
	Handle  int                 `json:"handle"`
	Labels  []map[string]string `json:"labels"`
	Firing  []map[string]string `json:"firing"`
	Explain bool                `json:"explain"`
	Times   []string            `json:"times"`
	Repeat  int                 `json:"repeat"`
}

type answer struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Result any             `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// oracle holds the configurations that were loaded and not dropped, by their handles.
type oracle struct {
	loaded map[int]*loaded
	last   int
}

type loaded struct {
	config *config.Config
	root   *dispatch.Route
	// The indices from the root to each route.
	paths map[*dispatch.Route][]int
}

type verdict struct {
	Accepted bool   `json:"accepted"`
	Error    string `json:"error"`
	Handle   int    `json:"handle"`
}

func main() {
	// Else show would not tell two secrets apart.
	commoncfg.MarshalSecretValue = true
	// As Alertmanager's own main does without flags: both parsers of matchers, UTF-8 names.
	// Without this the package is in classic mode.
	flags, err := featurecontrol.NewFlags(promslog.NewNopLogger(), "")
	if err == nil {
		compat.InitFromFlags(promslog.NewNopLogger(), flags)
		err = serve(os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	// Not a Scanner, which limits a line, nor a Decoder, which cannot go on after a line that is not JSON.
	lines, answers := bufio.NewReader(in), json.NewEncoder(out)
	o := &oracle{loaded: map[int]*loaded{}}
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := answers.Encode(o.answer(line)); err != nil {
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

func (o *oracle) answer(line []byte) (a answer) {
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
		a.Result, err = o.do(&r)
	}
	if err != nil {
		a.Result, a.Error = nil, err.Error()
	}
	return a
}

func (o *oracle) do(r *request) (any, error) {
	if r.Op == "load" {
		return o.load(r.Config), nil
	}
	l, ok := o.loaded[r.Handle]
	if !ok {
		return nil, fmt.Errorf("no configuration has the handle %d", r.Handle)
	}
	switch r.Op {
	case "drop":
		delete(o.loaded, r.Handle)
		return true, nil
	case "show":
		return l.config.String(), nil
	case "match":
		return l.match(labelSets(r.Labels)), nil
	case "bench":
		return l.bench(labelSets(r.Labels), r.Repeat)
	case "inhibit":
		return l.inhibit(labelSets(r.Firing), labelSets(r.Labels), r.Explain), nil
	case "intervals":
		return l.intervals(r.Times)
	}
	return nil, fmt.Errorf("unknown operation %q", r.Op)
}

func (o *oracle) load(text string) (v verdict) {
	defer func() {
		// Some configurations end the real Alertmanager so, a null entry among the routes for one.
		if reason := recover(); reason != nil {
			v = verdict{Error: fmt.Sprintf("panic: %v", reason)}
		}
	}()
	c, err := config.Load(text)
	if err != nil {
		return verdict{Error: err.Error()}
	}
	l := &loaded{c, dispatch.NewRoute(c.Route, nil), map[*dispatch.Route][]int{}}
	l.number(l.root, []int{})
	o.last++
	o.loaded[o.last] = l
	return verdict{Accepted: true, Handle: o.last}
}

// labelSets are the labels as Alertmanager has them: its API removes empty ones (api/v2, removeEmptyLabels).
func labelSets(given []map[string]string) []model.LabelSet {
	sets := make([]model.LabelSet, len(given))
	for i, labels := range given {
		sets[i] = make(model.LabelSet, len(labels))
		for name, value := range labels {
			if value != "" {
				sets[i][model.LabelName(name)] = model.LabelValue(value)
			}
		}
	}
	return sets
}
