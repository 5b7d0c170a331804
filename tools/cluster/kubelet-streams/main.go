// Command kubelet-streams serves the two requests of a kubelet that kubectl needs on the tests' cluster, whose pods
// are processes of this machine: port-forward, by Kubernetes' own code, and logs.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/portforward"
)

const (
	idle     = 4 * time.Hour
	creation = 30 * time.Second
)

// pods dials the addresses of pods.
type pods struct {
	// file holds a JSON object: addresses by "NAMESPACE/NAME". It changes while this runs.
	file string
}

func (p pods) address(pod string) (string, error) {
	content, err := os.ReadFile(p.file)
	if err != nil {
		return "", err
	}
	var addresses map[string]string
	if err := json.Unmarshal(content, &addresses); err != nil {
		return "", err
	}
	if address, found := addresses[pod]; found {
		return address, nil
	}
	return "", fmt.Errorf("no pod %s", pod)
}

// PortForward implements portforward.PortForwarder.
func (p pods) PortForward(ctx context.Context, pod, _ string, port int32, stream io.ReadWriteCloser) error {
	defer stream.Close()
	address, err := p.address(pod)
	if err != nil {
		return err
	}
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(address, strconv.Itoa(int(port))))
	if err != nil {
		return err
	}
	defer connection.Close()
	answered := make(chan error, 1)
	go func() {
		_, err := io.Copy(stream, connection)
		answered <- err
	}()
	if _, err := io.Copy(connection, stream); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		// The other side may still answer.
		_ = tcp.CloseWrite()
	}
	return <-answered
}

func (p pods) forward(response http.ResponseWriter, request *http.Request) {
	options, err := portforward.NewV4Options(request)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	pod := request.PathValue("namespace") + "/" + request.PathValue("pod")
	portforward.ServePortForward(
		response, request, p, pod, "", options, idle, creation, portforward.SupportedProtocols)
}

func main() {
	listen := flag.String("listen", "", "address and port")
	certificate := flag.String("certificate", "", "file")
	key := flag.String("key", "", "file")
	addresses := flag.String("pods", "", "JSON file: addresses by NAMESPACE/NAME")
	logs := flag.String("logs", "", "directory with files NAMESPACE.NAME.CONTAINER.log")
	flag.Parse()

	streams := pods{*addresses}
	http.HandleFunc("/portForward/{namespace}/{pod}", streams.forward)
	http.HandleFunc("/portForward/{namespace}/{pod}/{uid}", streams.forward)
	http.HandleFunc("/containerLogs/{namespace}/{pod}/{container}", func(w http.ResponseWriter, r *http.Request) {
		name := fmt.Sprintf("%s.%s.%s.log", r.PathValue("namespace"), r.PathValue("pod"), r.PathValue("container"))
		http.ServeFile(w, r, filepath.Join(*logs, filepath.Base(name)))
	})
	log.Fatal(http.ListenAndServeTLS(*listen, *certificate, *key, nil))
}
