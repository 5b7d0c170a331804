package main

import (
	"errors"
	"fmt"
	"slices"
	"time"
	_ "unsafe" // for linkname

	"github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/common/model"
)

// The dispatcher's own function, which it does not export. Its body is there, not here: empty.s lets Go build that.
//
//go:linkname groupLabels github.com/prometheus/alertmanager/dispatch.getGroupLabels
func groupLabels(*alert.Alert, *dispatch.Route) model.LabelSet

type matched struct {
	Path           []int             `json:"path"`
	Receiver       string            `json:"receiver"`
	Key            string            `json:"key"`
	GroupBy        []model.LabelName `json:"group_by"`
	GroupByAll     bool              `json:"group_by_all"`
	GroupLabels    model.LabelSet    `json:"group_labels"`
	GroupKey       string            `json:"group_key"`
	GroupWait      int64             `json:"group_wait"`
	GroupInterval  int64             `json:"group_interval"`
	RepeatInterval int64             `json:"repeat_interval"`
	Continue       bool              `json:"continue"`
	Mute           []string          `json:"mute"`
	Active         []string          `json:"active"`
	Labels         model.LabelSet    `json:"labels"`
}

type measured struct {
	NanosecondsPerMatch float64 `json:"ns_per_match"`
	Routes              int     `json:"routes"`
}

func (l *loaded) number(route *dispatch.Route, path []int) {
	l.paths[route] = path
	for i, child := range route.Routes {
		l.number(child, append(slices.Clone(path), i))
	}
}

// match gives for each label set the routes that take the alert, in Alertmanager's order.
func (l *loaded) match(sets []model.LabelSet) [][]matched {
	all := make([][]matched, len(sets))
	for i, labels := range sets {
		a := &alert.Alert{Alert: model.Alert{Labels: labels}}
		all[i] = []matched{}
		for _, route := range l.root.Match(labels) {
			all[i] = append(all[i], l.describe(route, groupLabels(a, route)))
		}
	}
	return all
}

func (l *loaded) describe(route *dispatch.Route, group model.LabelSet) matched {
	options := route.RouteOpts
	groupBy := make([]model.LabelName, 0, len(options.GroupBy))
	for name := range options.GroupBy {
		groupBy = append(groupBy, name)
	}
	slices.Sort(groupBy)
	return matched{
		Path:        l.paths[route],
		Receiver:    options.Receiver,
		Key:         route.Key(),
		GroupBy:     groupBy,
		GroupByAll:  options.GroupByAll,
		GroupLabels: group,
		// As aggrGroup.GroupKey in dispatch.go, a method of what only a running dispatcher has.
		GroupKey:       fmt.Sprintf("%s:%s", route.Key(), group),
		GroupWait:      options.GroupWait.Milliseconds(),
		GroupInterval:  options.GroupInterval.Milliseconds(),
		RepeatInterval: options.RepeatInterval.Milliseconds(),
		Continue:       route.Continue,
		Mute:           append([]string{}, options.MuteTimeIntervals...),
		Active:         append([]string{}, options.ActiveTimeIntervals...),
		Labels:         options.Labels,
	}
}

// bench measures Route.Match alone, over all label sets in turn. Routes is how many routes matched in one turn.
func (l *loaded) bench(sets []model.LabelSet, repeat int) (measured, error) {
	if len(sets) == 0 || repeat < 1 {
		return measured{}, errors.New("nothing to measure: give labels, and a repeat of 1 or more")
	}
	routes := 0
	start := time.Now()
	for range repeat {
		for _, labels := range sets {
			routes += len(l.root.Match(labels))
		}
	}
	elapsed := time.Since(start)
	return measured{float64(elapsed.Nanoseconds()) / float64(repeat*len(sets)), routes / repeat}, nil
}
