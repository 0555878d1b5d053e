// Generated from rtc-host by `./x types`. Do not edit.
import type { Capabilities, Kind, Side } from './wire';

export const CAPABILITIES: Readonly<Record<Kind, Record<Side, Capabilities>>> = {
  "audio": {
    "sender": {
      "codecs": [
        {
          "mimeType": "audio/opus",
          "clockRate": 48000,
          "channels": 2,
          "sdpFmtpLine": "minptime=10;useinbandfec=1"
        },
        {
          "mimeType": "audio/red",
          "clockRate": 48000,
          "channels": 2,
          "sdpFmtpLine": "111/111"
        }
      ],
      "headerExtensions": [
        {
          "uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
        },
        {
          "uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
        },
        {
          "uri": "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
        },
        {
          "uri": "urn:ietf:params:rtp-hdrext:sdes:mid"
        }
      ]
    },
    "receiver": {
      "codecs": [
        {
          "mimeType": "audio/opus",
          "clockRate": 48000,
          "channels": 2,
          "sdpFmtpLine": "minptime=10;useinbandfec=1"
        },
        {
          "mimeType": "audio/red",
          "clockRate": 48000,
          "channels": 2,
          "sdpFmtpLine": "111/111"
        }
      ],
      "headerExtensions": [
        {
          "uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
        },
        {
          "uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
        },
        {
          "uri": "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
        },
        {
          "uri": "urn:ietf:params:rtp-hdrext:sdes:mid"
        }
      ]
    }
  },
  "video": {
    "sender": {
      "codecs": [
        {
          "mimeType": "video/VP8",
          "clockRate": 90000
        },
        {
          "mimeType": "video/rtx",
          "clockRate": 90000
        }
      ],
      "headerExtensions": [
        {
          "uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
        },
        {
          "uri": "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
        },
        {
          "uri": "urn:ietf:params:rtp-hdrext:sdes:mid"
        },
        {
          "uri": "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
        },
        {
          "uri": "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
        },
        {
          "uri": "urn:3gpp:video-orientation"
        }
      ]
    },
    "receiver": {
      "codecs": [
        {
          "mimeType": "video/VP8",
          "clockRate": 90000
        },
        {
          "mimeType": "video/H264",
          "clockRate": 90000,
          "sdpFmtpLine": "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
        },
        {
          "mimeType": "video/H264",
          "clockRate": 90000,
          "sdpFmtpLine": "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"
        },
        {
          "mimeType": "video/VP9",
          "clockRate": 90000,
          "sdpFmtpLine": "profile-id=0"
        },
        {
          "mimeType": "video/rtx",
          "clockRate": 90000
        }
      ],
      "headerExtensions": [
        {
          "uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
        },
        {
          "uri": "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
        },
        {
          "uri": "urn:ietf:params:rtp-hdrext:sdes:mid"
        },
        {
          "uri": "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
        },
        {
          "uri": "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
        },
        {
          "uri": "urn:3gpp:video-orientation"
        }
      ]
    }
  }
};
