// Command oracle-operator says whether the Prometheus Operator takes a configuration, by the operator's own code.
//
// It reads requests from standard input, one JSON object a line: {"id", "config", "alertmanager"}, the last being the
// version in the Alertmanager object. With "objects" it also selects and adds AlertmanagerConfigs; see request.
// It writes one answer a line in the same order: {"id", "result"} or {"id", "error"}. It is a program beside the
// oracle, and one for each version of the operator, because each is linked with its own Alertmanager, whose judgement
// is part of the operator's.
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
	_ "unsafe"

	"github.com/blang/semver/v4"
	"github.com/prometheus-operator/prometheus-operator/pkg/alertmanager"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
	"github.com/prometheus-operator/prometheus-operator/pkg/assets"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// request: Objects are AlertmanagerConfigs, of either version, that the selectors of the Alertmanager object select.
// Secrets is what they refer to, by "NAMESPACE/NAME" and key. Strategy is alertmanagerConfigMatcherStrategy, Namespace
// the Alertmanager's. Main is the name of alertmanagerConfiguration, which then stands for Config, and Global its
// global section.
type request struct {
	ID           json.RawMessage                        `json:"id"`
	Config       string                                 `json:"config"`
	Alertmanager string                                 `json:"alertmanager"`
	Objects      []json.RawMessage                      `json:"objects"`
	Secrets      map[string]map[string]string           `json:"secrets"`
	Strategy     string                                 `json:"strategy"`
	Namespace    string                                 `json:"namespace"`
	Main         string                                 `json:"main"`
	Global       *monitoringv1.AlertmanagerGlobalConfig `json:"global"`
}

//go:linkname checkResource github.com/prometheus-operator/prometheus-operator/pkg/alertmanager.checkAlertmanagerConfigResource
func checkResource(context.Context, *monitoringv1alpha1.AlertmanagerConfig, semver.Version, *assets.StoreBuilder) error

//go:linkname initialize github.com/prometheus-operator/prometheus-operator/pkg/alertmanager.(*ConfigBuilder).initializeFromAlertmanagerConfig
func initialize(*alertmanager.ConfigBuilder, context.Context, *monitoringv1.AlertmanagerGlobalConfig, *monitoringv1alpha1.AlertmanagerConfig) error

type answer struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Result *verdict        `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// verdict: Generated is what the operator writes for Alertmanager, Warnings what it logs about fields that it drops,
// Skipped why it leaves objects out, by "NAMESPACE/NAME".
type verdict struct {
	Accepted  bool              `json:"accepted"`
	Error     string            `json:"error"`
	Warnings  []string          `json:"warnings"`
	Generated string            `json:"generated"`
	Skipped   map[string]string `json:"skipped,omitempty"`
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
		a.Result, err = judge(&r)
	}
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

// judge does what the operator does when the object has an alertmanagerConfigSelector
// (provisionAlertmanagerConfiguration in its pkg/alertmanager/operator.go).
func judge(r *request) (v *verdict, err error) {
	of, err := semver.ParseTolerant(r.Alertmanager)
	if err != nil {
		return nil, fmt.Errorf("the version %q of Alertmanager: %w", r.Alertmanager, err)
	}
	v = &verdict{Warnings: []string{}, Skipped: map[string]string{}}
	defer func() {
		// Some configurations end the real operator so, a null entry among the routes for one.
		if reason := recover(); reason != nil {
			v.Error = fmt.Sprintf("panic: %v", reason)
		}
	}()
	var log bytes.Buffer
	defer func() {
		if v != nil {
			v.Warnings = strings.FieldsFunc(log.String(), func(r rune) bool { return r == '\n' })
		}
	}()
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn, ReplaceAttr: messageOnly}))
	object := &monitoringv1.Alertmanager{ObjectMeta: metav1.ObjectMeta{Name: "main", Namespace: r.Namespace}}
	object.Spec.AlertmanagerConfigMatcherStrategy.Type = monitoringv1.AlertmanagerConfigMatcherStrategyType(r.Strategy)
	store := assets.NewTestStoreBuilder(secrets(r.Secrets)...)
	ctx := context.Background()
	selected := map[string]*monitoringv1alpha1.AlertmanagerConfig{}
	var main *monitoringv1alpha1.AlertmanagerConfig
	for _, text := range r.Objects {
		one, err := decoded(text)
		if err != nil {
			return nil, err
		}
		if r.Main != "" && one.Namespace == r.Namespace && one.Name == r.Main {
			main = one
			continue
		}
		key := one.Namespace + "/" + one.Name
		if err := checkResource(ctx, one, of, store); err != nil {
			v.Skipped[key] = err.Error()
			continue
		}
		selected[key] = one
	}
	builder := alertmanager.NewConfigBuilder(logger, of, store, object)
	if main != nil {
		err = initialize(builder, ctx, r.Global, main)
	} else {
		err = builder.InitializeFromRawConfiguration([]byte(r.Config))
	}
	if err != nil {
		v.Error = err.Error()
		return v, nil
	}
	// With none to add, this still drops or refuses what the version of Alertmanager does not know.
	if err := builder.AddAlertmanagerConfigs(ctx, selected); err != nil {
		v.Error = err.Error()
		return v, nil
	}
	generated, err := builder.MarshalJSON() // YAML, whatever its name says
	if err != nil {
		v.Error = err.Error()
		return v, nil
	}
	v.Accepted, v.Generated = true, string(generated)
	return v, nil
}

func secrets(given map[string]map[string]string) []any {
	var found []any
	for key, values := range given {
		namespace, name, _ := strings.Cut(key, "/")
		data := map[string][]byte{}
		for key, value := range values {
			data[key] = []byte(value)
		}
		found = append(found, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Data: data})
	}
	return found
}

// decoded: as the API server hands it out, in the version that is stored.
func decoded(text []byte) (*monitoringv1alpha1.AlertmanagerConfig, error) {
	var kind metav1.TypeMeta
	if err := json.Unmarshal(text, &kind); err != nil {
		return nil, err
	}
	found := &monitoringv1alpha1.AlertmanagerConfig{}
	if !strings.HasSuffix(kind.APIVersion, "/v1beta1") {
		return found, json.Unmarshal(text, found)
	}
	newer := &monitoringv1beta1.AlertmanagerConfig{}
	if err := json.Unmarshal(text, newer); err != nil {
		return nil, err
	}
	return found, newer.ConvertTo(found)
}

func messageOnly(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
		return slog.Attr{}
	}
	return a
}
