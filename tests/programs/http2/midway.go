// Between a client and its server: a proxy that lets some sessions pass, and
// plays the server in the others.
package main

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Sessions that pass: the tunnel works by these.
const genuine = 2

// How long a client that wants a session waits for its turn. It gives up by
// itself after five seconds.
const turn = 3 * time.Second

// midway listens where the plan says, and gives the sessions to play in.
func midway() <-chan net.Conn {
	listener, err := net.Listen("tcp", where.Listen)
	must(err)
	identity, err := tls.X509KeyPair([]byte(where.SiteCert), []byte(where.SiteKey))
	must(err)
	config := &tls.Config{Certificates: []tls.Certificate{identity}, NextProtos: []string{"http/1.1"}}
	waiting := make(chan net.Conn)
	var passed atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			must(err)
			go func() {
				request, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil || request.Method != "CONNECT" {
					conn.Close()
					return
				}
				io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
				if request.Host == where.Tunnel && passed.Add(1) > genuine {
					offer(tls.Server(conn, config), waiting)
				} else {
					relay(conn, request.Host)
				}
			}()
		}
	}()
	return waiting
}

// offer reads the request for a session, and waits for its turn.
func offer(conn net.Conn, waiting chan<- net.Conn) {
	if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
		conn.Close()
		return
	}
	select {
	case waiting <- conn:
	case <-time.After(turn):
		conn.Close()
	}
}

// switched begins a session, in which this end is the client of HTTP/2.
func switched(conn net.Conn) net.Conn {
	_, err := io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\n"+
		"Connection: Upgrade\r\nUpgrade: sallyport\r\nSallyport-Version: 1\r\n\r\n")
	must(err)
	return conn
}

func relay(conn net.Conn, address string) {
	defer conn.Close()
	there, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer there.Close()
	go func() {
		io.Copy(there, conn)
		there.Close()
	}()
	io.Copy(conn, there)
}
