// An ordinary server of net/http, which numbers those who ask: GOOS=wasip1 GOARCH=wasm go build server.go
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"unsafe"
)

//go:wasmimport welkin listen
func welkinListen(port unsafe.Pointer, length uint32) int32

// Listens on a port of the object. The runtime waits for it only where it does not block.
func listen(port string) (net.Listener, error) {
	fd := welkinListen(unsafe.Pointer(unsafe.StringData(port)), uint32(len(port)))
	if fd < 0 {
		return nil, fmt.Errorf("cannot listen on %s", port)
	}
	if err := syscall.SetNonblock(int(fd), true); err != nil {
		return nil, err
	}
	return net.FileListener(os.NewFile(uintptr(fd), port))
}

func main() {
	listener, err := listen("http")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	asked := 0
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		asked++
		fmt.Fprintln(w, asked)
	})
	fmt.Println("listening")
	fmt.Println(http.Serve(listener, nil))
}
