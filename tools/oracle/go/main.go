// Command oracle-go says how Go's own library reads a text: as a regex, a duration, a URL or a quoted string.
//
// It is a program beside the oracle because it needs no module: it is built in seconds. It reads requests from
// standard input, one JSON object a line, and writes one answer a line in the same order: {"id", "result"} or
// {"id", "error"}. What can be asked is in do; tests/oracle.py is the client.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"time"
	"unicode"
)

type request struct {
	ID      json.RawMessage `json:"id"`
	Op      string          `json:"op"`
	Pattern string          `json:"pattern"`
	Texts   []string        `json:"texts"`
}

type answer struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Result any             `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// compiled: Error is why Go refuses the regex, without the regex itself; Matches has an answer for each text.
type compiled struct {
	Error   string `json:"error"`
	Matches []bool `json:"matches"`
}

// read: what a text is to Go. Nanoseconds and Unquoted only where it is valid.
type read struct {
	Error       string `json:"error"`
	Nanoseconds int64  `json:"nanoseconds"`
	Text        string `json:"text"`
}

// tables: Go's Unicode, as far as regexes depend on it. Ranges are triples of first, last and step.
type tables struct {
	Version    string              `json:"version"`
	Categories map[string][][3]int `json:"categories"`
	Scripts    map[string][][3]int `json:"scripts"`
	Aliases    map[string]string   `json:"aliases"`
	// Characters that are the same without regard to case, least first.
	Folds [][]int `json:"folds"`
}

func main() {
	lines, answers := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := answers.Encode(reply(line)); err != nil {
				fail(err)
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "oracle-go:", err)
	os.Exit(1)
}

func reply(line []byte) (a answer) {
	var r request
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&r)
	if err == nil {
		a.Result, err = do(&r)
	}
	if err != nil {
		a.Result, a.Error = nil, err.Error()
	}
	a.ID = r.ID
	return a
}

func do(r *request) (any, error) {
	switch r.Op {
	case "regex":
		return regex(r.Pattern, r.Texts), nil
	case "tables":
		return unicodeTables(), nil
	}
	reader, ok := map[string]func(string) (read, error){
		"duration": func(text string) (read, error) {
			found, err := time.ParseDuration(text)
			return read{Nanoseconds: int64(found)}, err
		},
		"url": func(text string) (read, error) {
			found, err := url.Parse(text)
			if err != nil {
				return read{}, err
			}
			return read{Text: found.String()}, nil
		},
		"unquote": func(text string) (read, error) {
			found, err := strconv.Unquote(text)
			return read{Text: found}, err
		},
	}[r.Op]
	if !ok {
		return nil, fmt.Errorf("unknown operation %q", r.Op)
	}
	all := make([]read, len(r.Texts))
	for i, text := range r.Texts {
		found, err := reader(text)
		if err != nil {
			found = read{Error: err.Error()}
		}
		all[i] = found
	}
	return all, nil
}

// regex matches the texts as Alertmanager does: the whole of each (pkg/labels, NewMatcher).
func regex(pattern string, texts []string) compiled {
	re, err := regexp.Compile("^(?:" + pattern + ")$")
	if err != nil {
		if reason := new(syntax.Error); errors.As(err, &reason) {
			return compiled{Error: reason.Code.String()}
		}
		return compiled{Error: err.Error()}
	}
	matches := make([]bool, len(texts))
	for i, text := range texts {
		matches[i] = re.MatchString(text)
	}
	return compiled{Matches: matches}
}

func unicodeTables() tables {
	found := tables{
		Version:    unicode.Version,
		Categories: map[string][][3]int{},
		Scripts:    map[string][][3]int{},
		Aliases:    unicode.CategoryAliases,
		Folds:      [][]int{},
	}
	for _, name := range slices.Sorted(maps.Keys(unicode.Categories)) {
		found.Categories[name] = ranges(unicode.Categories[name])
	}
	for _, name := range slices.Sorted(maps.Keys(unicode.Scripts)) {
		found.Scripts[name] = ranges(unicode.Scripts[name])
	}
	for first := rune(0); first <= unicode.MaxRune; first++ {
		same := []int{int(first)}
		for next := unicode.SimpleFold(first); next != first; next = unicode.SimpleFold(next) {
			same = append(same, int(next))
		}
		if len(same) > 1 && slices.Min(same) == int(first) {
			slices.Sort(same)
			found.Folds = append(found.Folds, same)
		}
	}
	return found
}

func ranges(table *unicode.RangeTable) [][3]int {
	found := [][3]int{}
	for _, r := range table.R16 {
		found = append(found, [3]int{int(r.Lo), int(r.Hi), int(r.Stride)})
	}
	for _, r := range table.R32 {
		found = append(found, [3]int{int(r.Lo), int(r.Hi), int(r.Stride)})
	}
	return found
}
