// A site on Go's net/http. Says on standard output what it gets, one request a
// line.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			content = []byte("CUT")
		}
		fmt.Printf("%s %s|%s\n", r.Method, r.RequestURI, content)
		if r.URL.Path == "/next" {
			fmt.Fprint(w, "next")
		} else {
			fmt.Fprint(w, "first")
		}
	})
	if err := http.ListenAndServe("127.0.0.1:"+os.Args[1], nil); err != nil {
		panic(err)
	}
}
