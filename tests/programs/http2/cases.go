// What a hostile peer does, and what RFC 9113 has the other end say to it.
package main

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/net/http2"
)

// A misdeed is played on a connection of its own, on which stream `open` has
// sent no content yet: a POST that we have begun as a client, or a request that
// waits for our response as a server.
type misdeed struct {
	name string
	// The section of RFC 9113, or what else asks for it.
	rule string
	// What must come of it; "|" stands between alternatives.
	want string
	play func(p *peer, open uint32)
	// The end of the stream may take a while: something reads its content.
	isSlow bool
}

func uint32s(values ...uint32) []byte {
	var out []byte
	for _, value := range values {
		out = binary.BigEndian.AppendUint32(out, value)
	}
	return out
}

func setting(id uint16, value uint32) []byte {
	return append(binary.BigEndian.AppendUint16(nil, id), uint32s(value)...)
}

// raw makes a misdeed of one frame; a stream of 0 is the connection, and one of
// 1 is the open one.
func raw(kind http2.FrameType, flags http2.Flags, stream uint32, payload []byte) func(*peer, uint32) {
	return func(p *peer, open uint32) {
		if stream == 1 {
			stream = open
		}
		p.raw(kind, flags, stream, payload)
	}
}

// common are misdeeds that either end can do.
var common = []misdeed{
	{"DATA of the connection", "6.1", "connection PROTOCOL_ERROR", raw(http2.FrameData, 0, 0, []byte("x")), false},
	{"DATA of an idle stream", "5.1", "connection PROTOCOL_ERROR", raw(http2.FrameData, 0, 999, []byte("x")), false},
	{"DATA with more padding than there is", "6.1", "connection PROTOCOL_ERROR", raw(http2.FrameData, http2.FlagDataPadded, 1, []byte{9, 0}), false},
	{"DATA that is to be padded and is empty", "6.1", "connection FRAME_SIZE_ERROR|connection PROTOCOL_ERROR", raw(http2.FrameData, http2.FlagDataPadded, 1, nil), false},
	{"HEADERS of the connection", "6.2", "connection PROTOCOL_ERROR", raw(http2.FrameHeaders, http2.FlagHeadersEndHeaders, 0, block("a", "b")), false},
	{"HEADERS with more padding than there is", "6.2", "connection PROTOCOL_ERROR", raw(http2.FrameHeaders, http2.FlagHeadersPadded|http2.FlagHeadersEndHeaders, 1, []byte{200, 0}), false},
	{"HEADERS that no table explains", "4.3", "connection COMPRESSION_ERROR", raw(http2.FrameHeaders, http2.FlagHeadersEndHeaders, 1, []byte{0xff, 0x80, 0x80}), false},
	{"HEADERS with Huffman code that does not end", "4.3", "connection COMPRESSION_ERROR", raw(http2.FrameHeaders, http2.FlagHeadersEndHeaders, 1, []byte{0x00, 0x81, 0xff, 0x81, 0xff}), false},
	{"HEADERS that make the table larger than allowed", "4.3", "connection COMPRESSION_ERROR", raw(http2.FrameHeaders, http2.FlagHeadersEndHeaders, 1, []byte{0x3f, 0xff, 0xff, 0x7f}), false},
	{"PRIORITY of the connection", "6.3", "connection PROTOCOL_ERROR", raw(http2.FramePriority, 0, 0, make([]byte, 5)), false},
	{"PRIORITY of 4 octets", "6.3", "stream FRAME_SIZE_ERROR", raw(http2.FramePriority, 0, 1, make([]byte, 4)), false},
	{"RST_STREAM of the connection", "6.4", "connection PROTOCOL_ERROR", raw(http2.FrameRSTStream, 0, 0, uint32s(0)), false},
	{"RST_STREAM of an idle stream", "6.4", "connection PROTOCOL_ERROR", raw(http2.FrameRSTStream, 0, 999, uint32s(0)), false},
	{"RST_STREAM of 3 octets", "6.4", "connection FRAME_SIZE_ERROR", raw(http2.FrameRSTStream, 0, 1, make([]byte, 3)), false},
	{"SETTINGS of a stream", "6.5", "connection PROTOCOL_ERROR", raw(http2.FrameSettings, 0, 1, nil), false},
	{"SETTINGS of 5 octets", "6.5", "connection FRAME_SIZE_ERROR", raw(http2.FrameSettings, 0, 0, make([]byte, 5)), false},
	{"SETTINGS that acknowledge, with a payload", "6.5", "connection FRAME_SIZE_ERROR", raw(http2.FrameSettings, http2.FlagSettingsAck, 0, make([]byte, 6)), false},
	{"SETTINGS with a push that is 2", "6.5.2", "connection PROTOCOL_ERROR", raw(http2.FrameSettings, 0, 0, setting(2, 2)), false},
	{"SETTINGS with a window of 2^31", "6.5.2", "connection FLOW_CONTROL_ERROR", raw(http2.FrameSettings, 0, 0, setting(4, 1<<31)), false},
	{"SETTINGS with frames of 16,383 octets", "6.5.2", "connection PROTOCOL_ERROR", raw(http2.FrameSettings, 0, 0, setting(5, smallest-1)), false},
	{"SETTINGS with frames of 2^24 octets", "6.5.2", "connection PROTOCOL_ERROR", raw(http2.FrameSettings, 0, 0, setting(5, 1<<24)), false},
	{"SETTINGS that nobody knows", "6.5.2", "nothing", raw(http2.FrameSettings, 0, 0, setting(0xfafa, 1)), false},
	{"SETTINGS that lift an open window over 2^31-1", "6.9.2", "connection FLOW_CONTROL_ERROR", func(p *peer, open uint32) {
		p.raw(http2.FrameWindowUpdate, 0, open, uint32s(1<<30))
		p.raw(http2.FrameSettings, 0, 0, setting(4, 1<<31-1))
	}, false},
	{"PUSH_PROMISE", "6.6, 8.4", "connection PROTOCOL_ERROR", raw(http2.FramePushPromise, http2.FlagPushPromiseEndHeaders, 1, append(uint32s(2), block(":method", "GET")...)), false},
	{"PING of a stream", "6.7", "connection PROTOCOL_ERROR", raw(http2.FramePing, 0, 1, make([]byte, 8)), false},
	{"PING of 7 octets", "6.7", "connection FRAME_SIZE_ERROR", raw(http2.FramePing, 0, 0, make([]byte, 7)), false},
	{"PING that answers nobody", "6.7", "nothing", raw(http2.FramePing, http2.FlagPingAck, 0, make([]byte, 8)), false},
	{"GOAWAY of a stream", "6.8", "connection PROTOCOL_ERROR", raw(http2.FrameGoAway, 0, 1, make([]byte, 8)), false},
	{"GOAWAY of 7 octets", "6.8", "connection FRAME_SIZE_ERROR", raw(http2.FrameGoAway, 0, 0, make([]byte, 7)), false},
	{"WINDOW_UPDATE of 3 octets", "6.9", "connection FRAME_SIZE_ERROR", raw(http2.FrameWindowUpdate, 0, 0, make([]byte, 3)), false},
	{"WINDOW_UPDATE of 0 for the connection", "6.9", "connection PROTOCOL_ERROR", raw(http2.FrameWindowUpdate, 0, 0, uint32s(0)), false},
	{"WINDOW_UPDATE of 0 for a stream", "6.9", "stream PROTOCOL_ERROR", raw(http2.FrameWindowUpdate, 0, 1, uint32s(0)), false},
	{"WINDOW_UPDATE of an idle stream", "5.1", "connection PROTOCOL_ERROR", raw(http2.FrameWindowUpdate, 0, 999, uint32s(1)), false},
	{"WINDOW_UPDATE over 2^31-1 for the connection", "6.9.1", "connection FLOW_CONTROL_ERROR", raw(http2.FrameWindowUpdate, 0, 0, uint32s(1<<31-1)), false},
	{"WINDOW_UPDATE over 2^31-1 for a stream", "6.9.1", "stream FLOW_CONTROL_ERROR", raw(http2.FrameWindowUpdate, 0, 1, uint32s(1<<31-1)), false},
	{"CONTINUATION of nothing", "6.10", "connection PROTOCOL_ERROR", raw(http2.FrameContinuation, http2.FlagContinuationEndHeaders, 1, nil), false},
	{"CONTINUATION of another stream", "6.10", "connection PROTOCOL_ERROR", func(p *peer, open uint32) {
		p.raw(http2.FrameHeaders, 0, open, block("a", "b"))
		p.raw(http2.FrameContinuation, http2.FlagContinuationEndHeaders, open+2, nil)
	}, false},
	{"PING inside a field section", "6.10", "connection PROTOCOL_ERROR", func(p *peer, open uint32) {
		p.raw(http2.FrameHeaders, 0, open, block("a", "b"))
		p.raw(http2.FramePing, 0, 0, make([]byte, 8))
	}, false},
	{"an unknown frame inside a field section", "5.5", "connection PROTOCOL_ERROR", func(p *peer, open uint32) {
		p.raw(http2.FrameHeaders, 0, open, block("a", "b"))
		p.raw(0xfa, 0, open, nil)
	}, false},
	{"an unknown frame", "5.5", "nothing", raw(0xfa, 0xff, 1, []byte("x")), false},
	{"a frame larger than allowed", "4.2", "connection FRAME_SIZE_ERROR", raw(http2.FrameHeaders, http2.FlagHeadersEndHeaders, 1, make([]byte, 2<<20)), false},
	{"CONTINUATION without end (CVE-2024-27316)", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, open uint32) {
		p.raw(http2.FrameHeaders, 0, open, block("a", "b"))
		p.flood(func(int) { p.raw(http2.FrameContinuation, 0, open, nil) })
	}, false},
	{"CONTINUATION full of fields without end", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, open uint32) {
		p.raw(http2.FrameHeaders, 0, open, block("a", "b"))
		fields := bytes.Repeat(block("a", "b"), 3000)
		p.flood(func(int) { p.raw(http2.FrameContinuation, 0, open, fields) })
	}, false},
	{"an HPACK bomb", "10.5", "connection COMPRESSION_ERROR|connection ENHANCE_YOUR_CALM", func(p *peer, open uint32) {
		entry := append([]byte{0x40, 1, 'x', 0x7f, 0xa0, 0x1e}, bytes.Repeat([]byte("a"), 3999)...)
		p.raw(http2.FrameHeaders, http2.FlagHeadersEndHeaders, open, append(entry, bytes.Repeat([]byte{0xbe}, 50_000)...))
	}, false},
	{"a flood of SETTINGS (CVE-2019-9515)", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, _ uint32) {
		p.flood(func(int) { p.raw(http2.FrameSettings, 0, 0, nil) })
	}, false},
	{"a flood of PING (CVE-2019-9512)", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, _ uint32) {
		many(p, http2.FramePing, 0, make([]byte, 8))
	}, false},
	{"a flood of PRIORITY (CVE-2019-9513)", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, open uint32) {
		many(p, http2.FramePriority, open, make([]byte, 5))
	}, false},
	{"a flood of unknown frames", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, _ uint32) {
		many(p, 0xfa, 0, nil)
	}, false},
	{"a window that opens octet by octet", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, _ uint32) {
		many(p, http2.FrameWindowUpdate, 0, uint32s(1))
	}, false},
}

// many sends a frame without end, a hundred at once.
func many(p *peer, kind http2.FrameType, stream uint32, payload []byte) {
	p.flood(func(int) {
		p.write(func(f *http2.Framer) {
			for range 100 {
				f.WriteRawFrame(kind, 0, stream, payload)
			}
		})
	})
}

// ofClients are misdeeds of clients. `request` is that of a good GET.
func ofClients(request []string) []misdeed {
	// A malformed request on the next stream.
	malformed := func(name, rule string, fields ...string) misdeed {
		return misdeed{name, rule, "stream PROTOCOL_ERROR", func(p *peer, open uint32) {
			p.headers(open+2, true, block(fields...))
		}, false}
	}
	with := func(more ...string) []string { return append(append([]string{}, request...), more...) }
	without := func(name string) []string {
		var rest []string
		for at := 0; at < len(request); at += 2 {
			if request[at] != name {
				rest = append(rest, request[at], request[at+1])
			}
		}
		return rest
	}
	return []misdeed{
		{"HEADERS of a stream with an even number", "5.1.1", "connection PROTOCOL_ERROR", func(p *peer, open uint32) {
			p.headers(open+1, true, block(request...))
		}, false},
		{"HEADERS of a stream with a lower number", "5.1.1", "connection PROTOCOL_ERROR", func(p *peer, open uint32) {
			p.headers(open+4, true, block(request...))
			p.headers(open+2, true, block(request...))
		}, false},
		{"a stream that depends on itself", "RFC 7540, 5.3.1", "stream PROTOCOL_ERROR", func(p *peer, open uint32) {
			p.raw(http2.FrameHeaders, http2.FlagHeadersPriority|http2.FlagHeadersEndHeaders|http2.FlagHeadersEndStream, open+2,
				append(append(uint32s(open+2), 0), block(request...)...))
		}, false},
		{"DATA after the end of the request", "5.1", "stream STREAM_CLOSED|connection STREAM_CLOSED", func(p *peer, open uint32) {
			p.data(open, true, nil)
			p.data(open, false, []byte("x"))
		}, false},
		{"HEADERS after the end of the request", "5.1", "stream STREAM_CLOSED|connection STREAM_CLOSED", func(p *peer, open uint32) {
			p.data(open, true, nil)
			p.headers(open, true, block("a", "b"))
		}, false},
		{"trailers that do not end the stream", "8.1", "stream PROTOCOL_ERROR", func(p *peer, open uint32) {
			p.headers(open, false, block("a", "b"))
		}, false},
		{"trailers with a pseudo-header field", "8.1", "stream PROTOCOL_ERROR", func(p *peer, open uint32) {
			p.headers(open, true, block(":path", "/other"))
		}, false},
		malformed("no :method", "8.3.1", without(":method")...),
		malformed("no :scheme", "8.3.1", without(":scheme")...),
		malformed("no :path", "8.3.1", without(":path")...),
		malformed("two :path", "8.3", append([]string{":path", "/other"}, request...)...),
		malformed("a pseudo-header field after others", "8.3", append([]string{"a", "b"}, request...)...),
		malformed("the pseudo-header field of responses", "8.3", append([]string{":status", "200"}, request...)...),
		malformed("an unknown pseudo-header field", "8.3", append([]string{":magic", "x"}, request...)...),
		malformed("a name in capitals", "8.2.1", with("A-Name", "x")...),
		malformed("a name with a space", "8.2.1", with("a name", "x")...),
		malformed("a value with a line end", "8.2.1", with("a", "b\r\nc: d")...),
		malformed("Connection", "8.2.2", with("connection", "close")...),
		malformed("Transfer-Encoding", "8.2.2", with("transfer-encoding", "chunked")...),
		malformed("TE: gzip", "8.2.2", with("te", "gzip")...),
		malformed("content that does not come", "8.1.1", with("content-length", "7")...),
		{"streams over the limit", "5.1.2", "stream REFUSED_STREAM", func(p *peer, open uint32) {
			post := block(append([]string{":method", "POST"}, without(":method")...)...)
			for at := range uint32(400) {
				p.headers(open+2+2*at, false, post)
			}
		}, false},
		{"responses without a window to send them in", "6.9.2", "nothing", func(p *peer, open uint32) {
			p.raw(http2.FrameSettings, 0, 0, setting(4, 0))
			for at := range uint32(50) {
				p.headers(open+2+2*at, true, block(request...))
			}
		}, false},
		{"rapid reset (CVE-2023-44487)", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, open uint32) {
			fields := block(request...)
			p.flood(func(round int) {
				p.write(func(f *http2.Framer) {
					for at := range uint32(50) {
						id := open + 2 + 2*(uint32(round)*50+at)
						f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: fields, EndStream: true, EndHeaders: true})
						f.WriteRSTStream(id, http2.ErrCodeCancel)
					}
				})
			})
		}, false},
		{"streams that make the server reset them (CVE-2025-8671)", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, open uint32) {
			fields := block(request...)
			p.flood(func(round int) {
				p.write(func(f *http2.Framer) {
					for at := range uint32(50) {
						id := open + 2 + 2*(uint32(round)*50+at)
						f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: fields, EndStream: true, EndHeaders: true})
						f.WriteRawFrame(http2.FrameWindowUpdate, 0, id, uint32s(0))
					}
				})
			})
		}, false},
		{"empty DATA without end (CVE-2019-9518)", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, open uint32) {
			many(p, http2.FrameData, open, nil)
		}, false},
	}
}

// overflow sends content that nobody reads, without regard to any window.
var overflow = misdeed{"content beyond the window", "6.9.1", "connection FLOW_CONTROL_ERROR|stream FLOW_CONTROL_ERROR", func(p *peer, open uint32) {
	content := make([]byte, smallest)
	p.flood(func(int) {
		p.write(func(f *http2.Framer) {
			for range 10 {
				f.WriteRawFrame(http2.FrameData, 0, open, content)
			}
		})
	})
}, false}

// ofServers are misdeeds of servers.
func ofServers() []misdeed {
	malformed := func(name, rule string, fields ...string) misdeed {
		return misdeed{name, rule, "stream PROTOCOL_ERROR", func(p *peer, open uint32) {
			p.headers(open, true, block(fields...))
		}, true}
	}
	return []misdeed{
		{"HEADERS of a stream that nobody has opened", "5.1", "connection PROTOCOL_ERROR", func(p *peer, _ uint32) {
			p.headers(999, true, block(":status", "200"))
		}, false},
		{"HEADERS of a stream of our own", "5.1.1", "connection PROTOCOL_ERROR", func(p *peer, _ uint32) {
			p.headers(2, true, block(":status", "200"))
		}, false},
		{"SETTINGS that allow push", "6.5.2", "connection PROTOCOL_ERROR", raw(http2.FrameSettings, 0, 0, setting(2, 1)), false},
		{"DATA before a response", "8.1", "stream PROTOCOL_ERROR", func(p *peer, open uint32) {
			p.data(open, false, []byte("x"))
		}, true},
		{"DATA after the end of the response", "5.1", "stream STREAM_CLOSED|connection STREAM_CLOSED", func(p *peer, open uint32) {
			p.headers(open, true, block(":status", "204"))
			p.data(open, false, []byte("x"))
		}, false},
		{"HEADERS after the end of the response", "5.1", "stream STREAM_CLOSED|connection STREAM_CLOSED", func(p *peer, open uint32) {
			p.headers(open, true, block(":status", "204"))
			p.headers(open, true, block(":status", "200"))
		}, false},
		malformed("no :status", "8.3.2", "a", "b"),
		malformed(":status of four digits", "8.3.2", ":status", "2000"),
		malformed(":status in words", "8.3.2", ":status", "ok!"),
		malformed("101, which HTTP/2 does not have", "8.6", ":status", "101"),
		malformed("an interim response that ends the stream", "8.1", ":status", "103"),
		malformed("two :status", "8.3", ":status", "200", ":status", "404"),
		malformed("the pseudo-header field of requests", "8.3", ":status", "200", ":path", "/"),
		malformed("a name in capitals", "8.2.1", ":status", "200", "A-Name", "x"),
		malformed("a value with a line end", "8.2.1", ":status", "200", "a", "b\r\nc: d"),
		malformed("Transfer-Encoding", "8.2.2", ":status", "200", "transfer-encoding", "chunked"),
		malformed("content that does not come", "8.1.1", ":status", "200", "content-length", "7"),
		{"more content than announced", "8.1.1", "stream PROTOCOL_ERROR", func(p *peer, open uint32) {
			p.headers(open, false, block(":status", "200", "content-length", "2"))
			p.data(open, true, []byte("xxx"))
		}, true},
		{"trailers that do not end the stream", "8.1", "stream PROTOCOL_ERROR", func(p *peer, open uint32) {
			p.headers(open, false, block(":status", "200"))
			p.headers(open, false, block("a", "b"))
		}, true},
		{"trailers with a pseudo-header field", "8.1", "stream PROTOCOL_ERROR", func(p *peer, open uint32) {
			p.headers(open, false, block(":status", "200"))
			p.headers(open, true, block(":status", "404"))
		}, true},
		{"interim responses without end", "10.5", "stream ENHANCE_YOUR_CALM|connection ENHANCE_YOUR_CALM", func(p *peer, open uint32) {
			fields := block(":status", "103", "link", "</a.css>")
			p.flood(func(int) {
				p.changed.L.Lock()
				isReset := len(p.resets) > 0
				p.changed.L.Unlock()
				if !isReset {
					p.headers(open, false, fields)
				}
			})
		}, true},
		{"empty DATA without end (CVE-2019-9518)", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, open uint32) {
			p.headers(open, false, block(":status", "200"))
			many(p, http2.FrameData, open, nil)
		}, false},
		{"RST_STREAM without end", "10.5", "connection ENHANCE_YOUR_CALM", func(p *peer, open uint32) {
			many(p, http2.FrameRSTStream, open, uint32s(8))
		}, false},
	}
}
