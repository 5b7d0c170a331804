package main

import (
	"context"

	"github.com/prometheus/alertmanager/alert"
	amcommoncfg "github.com/prometheus/alertmanager/config/common"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/inhibit"
	"github.com/prometheus/alertmanager/provider"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
)

type inhibited struct {
	Muted bool    `json:"muted"`
	By    []cause `json:"by"`
}

// cause is a rule and a firing alert that together mute, by their indices.
type cause struct {
	Rule   int `json:"rule"`
	Source int `json:"source"`
}

// firing is a provider of alerts that never change: all that an inhibitor asks of one.
type firing struct {
	provider.Alerts
	alerts []*alert.Alert
}

func (f firing) SlurpAndSubscribe(string) ([]*alert.Alert, provider.AlertIterator) {
	// Nothing ever comes out of a nil channel.
	return f.alerts, provider.NewAlertIterator(nil, make(chan struct{}), nil)
}

// inhibit says of each label set whether it is muted while these alerts fire. Alertmanager names only one source, and
// not always the same: so with explain each pair of a rule and a source is asked alone, which are all that can mute.
func (l *loaded) inhibit(sources, sets []model.LabelSet, explain bool) []inhibited {
	alerts := make([]*alert.Alert, len(sources))
	for i, labels := range sources {
		alerts[i] = &alert.Alert{Alert: model.Alert{Labels: labels}}
	}
	found := make([]inhibited, len(sets))
	mutes(l.config.InhibitRules, alerts, sets, func(i int) { found[i].Muted = true })
	for i := range found {
		found[i].By = []cause{}
	}
	if explain {
		for rule := range l.config.InhibitRules {
			for source := range alerts {
				mutes(l.config.InhibitRules[rule:rule+1], alerts[source:source+1], sets, func(i int) {
					found[i].By = append(found[i].By, cause{rule, source})
				})
			}
		}
	}
	return found
}

// mutes runs an inhibitor of its own for these rules and alerts, and calls muted for each label set that it mutes.
func mutes(rules []amcommoncfg.InhibitRule, alerts []*alert.Alert, sets []model.LabelSet, muted func(int)) {
	inhibitor := inhibit.NewInhibitor(
		firing{alerts: alerts}, rules, promslog.NewNopLogger(), eventrecorder.NopRecorder(),
	)
	go inhibitor.Run()
	defer inhibitor.Stop()
	inhibitor.WaitForLoading()
	for i, labels := range sets {
		if inhibitor.Mutes(context.Background(), labels) {
			muted(i)
		}
	}
}
