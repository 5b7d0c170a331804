package main

import (
	"time"
	_ "time/tzdata" // zones where the machine has none

	"github.com/prometheus/alertmanager/timeinterval"
)

// intervals gives for each time, in RFC 3339, the names of the intervals that it lies in, in the order of the file.
func (l *loaded) intervals(times []string) ([][]string, error) {
	// As reload in Alertmanager's app/reloader.go: the old key first.
	named, order := map[string][]timeinterval.TimeInterval{}, []string{}
	for _, interval := range l.config.MuteTimeIntervals {
		named[interval.Name] = interval.TimeIntervals
		order = append(order, interval.Name)
	}
	for _, interval := range l.config.TimeIntervals {
		named[interval.Name] = interval.TimeIntervals
		order = append(order, interval.Name)
	}
	intervener := timeinterval.NewIntervener(named)
	found := make([][]string, len(times))
	for i, text := range times {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, err
		}
		found[i] = []string{}
		for _, name := range order {
			in, _, err := intervener.Mutes([]string{name}, at)
			if err != nil {
				return nil, err
			}
			if in {
				found[i] = append(found[i], name)
			}
		}
	}
	return found, nil
}
