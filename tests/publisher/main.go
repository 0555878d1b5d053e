// Publishes a file as a camera, as products' own programs do with LiveKit's Go SDK.
//
// Usage: publisher SERVER TOKEN FILE.ivf
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
)

// Between two pictures.
const pace = 33 * time.Millisecond

func publish(server, token, file string) error {
	ended := make(chan error, 1)
	callback := &lksdk.RoomCallback{OnDisconnected: func() {
		ended <- fmt.Errorf("disconnected")
	}}
	room, err := lksdk.ConnectToRoomWithToken(server, token, callback, lksdk.WithAutoSubscribe(false))
	if err != nil {
		return err
	}
	defer room.Disconnect()
	track, err := lksdk.NewLocalFileTrack(file, lksdk.ReaderTrackWithFrameDuration(pace),
		lksdk.ReaderTrackWithOnWriteComplete(func() { ended <- nil }))
	if err != nil {
		return err
	}
	_, err = room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{
		Name: "file", Source: livekit.TrackSource_CAMERA,
	})
	if err != nil {
		return err
	}
	return <-ended
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: publisher SERVER TOKEN FILE.ivf")
		os.Exit(2)
	}
	if err := publish(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
