// One connection of HTTP/2 on Go's framer, which writes whatever a case wants.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// How long a peer may take to say anything.
const patience = 20 * time.Second

// A frame payload that every peer must take (RFC 9113 §4.2).
const smallest = 16384

// A peer is what a case plays on: a connection, and all that the other end has
// said on it so far.
type peer struct {
	conn   net.Conn
	framer *http2.Framer
	// Whether this end is the client of HTTP/2.
	isClient bool

	writing sync.Mutex
	// Guards what follows, and tells when it changes.
	changed *sync.Cond
	settled bool
	// The code of GOAWAY, if it is an error.
	goAway *http2.ErrCode
	// Codes of RST_STREAM in the order they came, and of which stream.
	resets []http2.RSTStreamFrame
	// The status of responses, and the streams of requests.
	statuses map[uint32]string
	requests []uint32
	pings    map[[8]byte]bool
	received int
	isOver   bool
}

func newPeer(conn net.Conn, reader io.Reader, isClient bool) *peer {
	p := &peer{
		conn:     conn,
		framer:   http2.NewFramer(conn, reader),
		isClient: isClient,
		changed:  sync.NewCond(&sync.Mutex{}),
		statuses: map[uint32]string{},
		pings:    map[[8]byte]bool{},
	}
	p.framer.AllowIllegalWrites = true
	p.framer.SetMaxReadFrameSize(1<<24 - 1)
	p.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	p.framer.MaxHeaderListSize = 1 << 20
	return p
}

// begin reads all that comes from now on.
func (p *peer) begin() {
	go func() {
		for {
			frame, err := p.framer.ReadFrame()
			p.changed.L.Lock()
			var streamError http2.StreamError
			if errors.As(err, &streamError) {
				err = nil
			}
			if err == nil && frame != nil {
				p.note(frame)
			}
			p.isOver = err != nil
			p.changed.L.Unlock()
			p.changed.Broadcast()
			if err != nil {
				return
			}
		}
	}()
}

func (p *peer) note(frame http2.Frame) {
	switch frame := frame.(type) {
	case *http2.SettingsFrame:
		if !frame.IsAck() {
			p.settled = true
		}
	case *http2.PingFrame:
		if frame.IsAck() {
			p.pings[frame.Data] = true
		}
	case *http2.GoAwayFrame:
		if frame.ErrCode != http2.ErrCodeNo {
			p.goAway = &frame.ErrCode
		}
	case *http2.RSTStreamFrame:
		p.resets = append(p.resets, *frame)
	case *http2.MetaHeadersFrame:
		if !p.isClient {
			p.requests = append(p.requests, frame.StreamID)
		} else if status := frame.PseudoValue("status"); status != "" {
			p.statuses[frame.StreamID] = status
		}
	case *http2.DataFrame:
		p.received += len(frame.Data())
	}
}

// until waits for what the other end says. It is over, or too late, when this
// returns false.
func (p *peer) until(holds func() bool) bool {
	end := time.Now().Add(patience)
	timer := time.AfterFunc(patience, p.changed.Broadcast)
	defer timer.Stop()
	p.changed.L.Lock()
	defer p.changed.L.Unlock()
	for !holds() {
		if p.isOver || time.Now().After(end) {
			return false
		}
		p.changed.Wait()
	}
	return true
}

// greet exchanges SETTINGS.
func (p *peer) greet() error {
	p.write(func(f *http2.Framer) { f.WriteSettings() })
	if !p.until(func() bool { return p.settled }) {
		return errors.New("no SETTINGS came")
	}
	p.write(func(f *http2.Framer) { f.WriteSettingsAck() })
	return nil
}

// write writes frames together. What the other end does not want any more is
// lost: what it has said before counts.
func (p *peer) write(frames func(*http2.Framer)) {
	p.writing.Lock()
	defer p.writing.Unlock()
	frames(p.framer)
}

func (p *peer) raw(kind http2.FrameType, flags http2.Flags, stream uint32, payload []byte) {
	p.write(func(f *http2.Framer) { f.WriteRawFrame(kind, flags, stream, payload) })
}

// flood repeats until the other end has ended it, 2,000 times at most.
func (p *peer) flood(round func(int)) {
	for at := 0; at < 2000; at++ {
		p.changed.L.Lock()
		isEnded := p.isOver || p.goAway != nil
		p.changed.L.Unlock()
		if isEnded {
			return
		}
		round(at)
	}
}

// outcome tells what came of a case: "connection CODE", "stream CODE",
// "status 400", "closed" without a word, or "nothing". The connection lives in
// all but the first and the last but one.
func (p *peer) outcome() string {
	data := [8]byte{'o', 'v', 'e', 'r', '?'}
	p.write(func(f *http2.Framer) { f.WritePing(false, data) })
	isAlive := p.until(func() bool { return p.goAway != nil || p.pings[data] })
	p.changed.L.Lock()
	defer p.changed.L.Unlock()
	switch {
	case p.goAway != nil:
		return fmt.Sprintf("connection %v", *p.goAway)
	case p.isOver:
		return "closed"
	case !isAlive:
		return "silence"
	case len(p.resets) > 0:
		return fmt.Sprintf("stream %v", p.resets[0].ErrCode)
	}
	return "nothing"
}

// reaction is outcome() where the end of a stream may take a while: what reads
// its content is told first.
func (p *peer) reaction() string {
	p.until(func() bool {
		return p.goAway != nil || len(p.resets) > 0 || len(p.statuses) > 0
	})
	p.changed.L.Lock()
	for _, status := range p.statuses {
		if p.goAway == nil && len(p.resets) == 0 {
			p.changed.L.Unlock()
			return "status " + status
		}
	}
	p.changed.L.Unlock()
	return p.outcome()
}

// block compresses fields, names and values in turn, without the dynamic table.
func block(list ...string) []byte {
	var out bytes.Buffer
	encoder := hpack.NewEncoder(&out)
	for at := 0; at+1 < len(list); at += 2 {
		encoder.WriteField(hpack.HeaderField{Name: list[at], Value: list[at+1], Sensitive: true})
	}
	return out.Bytes()
}

// headers writes a whole field section.
func (p *peer) headers(stream uint32, ends bool, fields []byte) {
	p.write(func(f *http2.Framer) {
		f.WriteHeaders(http2.HeadersFrameParam{
			StreamID: stream, BlockFragment: fields, EndStream: ends, EndHeaders: true,
		})
	})
}

func (p *peer) data(stream uint32, ends bool, content []byte) {
	p.write(func(f *http2.Framer) { f.WriteData(stream, ends, content) })
}

func (p *peer) close() { p.conn.Close() }
