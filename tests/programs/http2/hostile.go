// A hostile peer of HTTP/2 on Go's framer.
//
// `hostile SURFACE` reads a plan as JSON on standard input, plays every misdeed
// on a connection of its own, and says a line of JSON about each. After them it says
// "done". Surfaces:
//
//   - rest: a client of the port of REST API and page
//   - browser: a browser inside TLS that the server decrypts
//   - client: a tunnel server, which is a client of HTTP/2 in its sessions
//   - tunnel: a client of the tunnel server, which is a server of HTTP/2 there
//   - site: a site behind TLS that the server decrypts
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http2"
)

// A plan says where everything is.
type plan struct {
	// Origin of the REST API.
	REST string `json:"rest"`
	// Host and port where clients connect.
	Tunnel string `json:"tunnel"`
	// Host and port of the proxy, and the login for a tunnel whose client runs.
	Proxy string `json:"proxy"`
	Login string `json:"login"`
	User  string `json:"user"`
	Key   string `json:"key"`
	// PEM: the server's CA; and what a site of ours shows, which the client trusts.
	CA       string `json:"ca"`
	SiteCert string `json:"siteCert"`
	SiteKey  string `json:"siteKey"`
	// Where a proxy between client and server listens.
	Listen string `json:"listen"`
}

// A verdict is what is said about a misdeed.
type verdict struct {
	Name string `json:"name"`
	Rule string `json:"rule"`
	Want string `json:"want"`
	Got  string `json:"got"`
	// What the browser got whose request was misused; empty when there was none.
	Browser string `json:"browser"`
}

var (
	where plan
	trust = x509.NewCertPool()
)

func main() {
	must(json.NewDecoder(os.Stdin).Decode(&where))
	trust.AppendCertsFromPEM([]byte(where.CA))
	switch os.Args[1] {
	case "rest":
		asClient(dialREST, []string{
			":method", "GET", ":scheme", "https", ":authority", hostOf(where.REST),
			":path", "/rest/v1/" + where.User + "/tunnels",
			"authorization", basic(where.User + ":" + where.Key),
		}, nil)
	case "browser":
		site := mute()
		asClient(func() net.Conn { return dialThrough(site) }, []string{
			":method", "GET", ":scheme", "https", ":authority", site, ":path", "/",
		}, []misdeed{overflow})
	case "client":
		site := mute()
		sessions := midway()
		asClient(func() net.Conn { return switched(<-sessions) }, []string{
			":method", "GET", ":scheme", "https", ":authority", site, ":path", "/",
		}, []misdeed{overflow})
	case "tunnel":
		asServer(joinTunnel)
	case "site":
		asServer(visited)
	}
	// Who passes here does so until the test has seen it.
	fmt.Println("done")
	select {}
}

// asClient plays the misdeeds of clients.
func asClient(dial func() net.Conn, request []string, more []misdeed) {
	opening := append([]string{":method", "POST"}, request[2:]...)
	for _, each := range slices.Concat(common, ofClients(request), more) {
		report(each, func() (string, string) {
			p := greeted(dial())
			defer p.close()
			p.headers(1, false, block(opening...))
			each.play(p, 1)
			if each.isSlow {
				return p.reaction(), ""
			}
			return p.outcome(), ""
		})
	}
	for _, each := range bareMisdeeds {
		report(each, func() (string, string) {
			p := listening(dial())
			defer p.close()
			each.play(p, 0)
			return p.outcome(), ""
		})
	}
}

// Misdeeds of a client that has said nothing yet.
var bareMisdeeds = []misdeed{
	{"no preface", "3.4", "connection PROTOCOL_ERROR|closed", func(p *peer, _ uint32) {
		io.WriteString(p.conn, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
	}, false},
	{"a preface without SETTINGS", "3.4", "connection PROTOCOL_ERROR", func(p *peer, _ uint32) {
		io.WriteString(p.conn, http2.ClientPreface)
	}, false},
}

func listening(conn net.Conn) *peer {
	p := newPeer(conn, conn, true)
	p.begin()
	return p
}

func greeted(conn net.Conn) *peer {
	p := listening(conn)
	_, err := io.WriteString(conn, http2.ClientPreface)
	must(err)
	must(p.greet())
	return p
}

// asServer plays the misdeeds of servers. `join` gives a connection on which the
// other end sends its requests, and says what a browser got for the first.
func asServer(join func() (net.Conn, io.Reader, <-chan string)) {
	for _, each := range slices.Concat(common, ofServers(), []misdeed{{
		"a first frame that is not SETTINGS", "3.4", "connection PROTOCOL_ERROR", nil, false,
	}}) {
		report(each, func() (string, string) {
			conn, reader, browser := join()
			defer conn.Close()
			preface := make([]byte, len(http2.ClientPreface))
			_, err := io.ReadFull(reader, preface)
			must(err)
			p := newPeer(conn, reader, false)
			p.begin()
			if each.play == nil {
				return p.outcome(), <-browser
			}
			must(p.greet())
			if !p.until(func() bool { return len(p.requests) > 0 }) {
				return "no request", ""
			}
			each.play(p, p.requests[0])
			var got string
			if each.isSlow {
				got = p.reaction()
			} else {
				got = p.outcome()
			}
			p.close()
			return got, <-browser
		})
	}
}

// report plays a misdeed, and says what came of it.
func report(each misdeed, play func() (string, string)) {
	got, browser := play()
	line, err := json.Marshal(verdict{each.name, each.rule, each.want, got, browser})
	must(err)
	fmt.Println(string(line))
}

func dialREST() net.Conn {
	return overTLS(dial(hostOf(where.REST)), "localhost", "h2")
}

// dialThrough opens TLS that the server decrypts to `host:port`.
func dialThrough(authority string) net.Conn {
	conn := dial(where.Proxy)
	fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nProxy-Authorization: %s\r\n\r\n", authority, authority, basic(where.Login))
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: "CONNECT"})
	must(err)
	if response.StatusCode != 200 {
		must(errors.New(response.Status))
	}
	name, _, _ := strings.Cut(authority, ":")
	return overTLS(conn, name, "h2")
}

// joinTunnel makes a tunnel and opens a session of it, on which a browser asks.
func joinTunnel() (net.Conn, io.Reader, <-chan string) {
	name := fmt.Sprintf("hostile-%d", time.Now().UnixNano())
	body, _ := json.Marshal(map[string]string{"tunnel_identifier": name, "protocol": "h2c"})
	request, err := http.NewRequest("POST", where.REST+"/rest/v1/"+where.User+"/tunnels", bytes.NewReader(body))
	must(err)
	request.SetBasicAuth(where.User, where.Key)
	request.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust}}}
	response, err := client.Do(request)
	must(err)
	defer response.Body.Close()
	var made struct {
		ID    string `json:"id"`
		Token string `json:"tunnel_token"`
	}
	must(json.NewDecoder(response.Body).Decode(&made))
	conn := overTLS(dial(where.Tunnel), "localhost", "http/1.1")
	fmt.Fprintf(conn, "GET /tunnels/%s/connect HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"+
		"Connection: Upgrade\r\nUpgrade: sallyport\r\nSallyport-Version: 1\r\n\r\n", made.ID, made.Token)
	reader := bufio.NewReader(conn)
	answer, err := http.ReadResponse(reader, request)
	must(err)
	if answer.StatusCode != 101 {
		must(errors.New(answer.Status))
	}
	browser := make(chan string, 1)
	go func() { browser <- ask("http://asked.test/", where.User+"+"+name+":"+where.Key) }()
	return conn, reader, browser
}

// visited is a new site that a browser asks.
func visited() (net.Conn, io.Reader, <-chan string) {
	listener := listen("h2")
	defer listener.Close()
	browser := make(chan string, 1)
	go func() { browser <- ask("https://"+authorityOf(listener)+"/", where.Login) }()
	conn, err := listener.Accept()
	must(err)
	must(conn.(*tls.Conn).Handshake())
	return conn, conn, browser
}

// ask tells the status that a browser gets.
func ask(address, login string) string {
	user, key, _ := strings.Cut(login, ":")
	proxy := &url.URL{Scheme: "http", Host: where.Proxy, User: url.UserPassword(user, key)}
	client := &http.Client{
		Timeout: 2 * patience,
		Transport: &http.Transport{
			Proxy:             http.ProxyURL(proxy),
			TLSClientConfig:   &tls.Config{RootCAs: trust},
			DisableKeepAlives: true,
		},
	}
	response, err := client.Get(address)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return response.Status[:3] + ", cut"
	}
	return response.Status[:3]
}

// mute is a site that says nothing and reads nothing.
func mute() string {
	listener := listen("http/1.1")
	go func() {
		for {
			conn, err := listener.Accept()
			must(err)
			go func() { conn.(*tls.Conn).Handshake() }()
		}
	}()
	return authorityOf(listener)
}

func listen(protocol string) net.Listener {
	identity, err := tls.X509KeyPair([]byte(where.SiteCert), []byte(where.SiteKey))
	must(err)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{identity}, NextProtos: []string{protocol},
	})
	must(err)
	return listener
}

func authorityOf(listener net.Listener) string {
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return "localhost:" + port
}

func dial(address string) net.Conn {
	conn, err := net.Dial("tcp", address)
	must(err)
	return conn
}

func overTLS(conn net.Conn, name, protocol string) net.Conn {
	secure := tls.Client(conn, &tls.Config{RootCAs: trust, ServerName: name, NextProtos: []string{protocol}})
	must(secure.Handshake())
	if chosen := secure.ConnectionState().NegotiatedProtocol; chosen != protocol {
		must(fmt.Errorf("%s was chosen, not %s", chosen, protocol))
	}
	return secure
}

func hostOf(address string) string {
	parsed, err := url.Parse(address)
	must(err)
	return parsed.Host
}

func basic(login string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(login))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		panic(err)
	}
}
