// Command load says whether this version of Alertmanager loads configurations, by its own code.
//
// It reads requests from standard input, one JSON object a line: {"id", "config"}. It writes one answer a line in the
// same order: {"id", "result": {"error"}}; "error" is why it is refused, or "".
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/featurecontrol"
	"github.com/prometheus/alertmanager/matcher/compat"
	"github.com/prometheus/common/promslog"
)

type request struct {
	ID     json.RawMessage `json:"id"`
	Config string          `json:"config"`
}

type answer struct {
	ID     json.RawMessage `json:"id"`
	Result verdict         `json:"result"`
}

type verdict struct {
	Error string `json:"error"`
}

func main() {
	// As Alertmanager starts: without it, matchers are read as they were before 0.27.
	compat.InitFromFlags(promslog.NewNopLogger(), featurecontrol.NoopFlags{})
	lines, answers := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		var r request
		if err == nil {
			err = json.Unmarshal(line, &r)
		}
		if err == nil {
			err = answers.Encode(answer{r.ID, load(r.Config)})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "load:", err)
			os.Exit(1)
		}
	}
}

func load(text string) (v verdict) {
	defer func() {
		// Some configurations end Alertmanager so, a null entry among the routes for one.
		if reason := recover(); reason != nil {
			v = verdict{Error: fmt.Sprintf("panic: %v", reason)}
		}
	}()
	if _, err := config.Load(text); err != nil {
		v = verdict{Error: err.Error()}
	}
	return v
}
