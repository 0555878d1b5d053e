"""What libwebrtc's own processing makes of what a microphone heard (`./x bench audio`).

Arguments: 1 or 0 for noise suppression; a file with the loudspeaker's and one with the microphone's samples
(16 bits, one channel, 48 kHz); one with the order of blocks of 10 ms: `p` played, `c` captured; the file
to write.
"""

import sys

from livekit.rtc import AudioFrame, AudioProcessingModule

BLOCK = 480

suppression, far, near, order, out = sys.argv[1:]
apm = AudioProcessingModule(
    echo_cancellation=True, high_pass_filter=True, noise_suppression=suppression == "1"
)


def blocks(path):
    with open(path, "rb") as file:
        while len(block := file.read(2 * BLOCK)) == 2 * BLOCK:
            yield AudioFrame(bytearray(block), 48_000, 1, BLOCK)


played, captured = blocks(far), blocks(near)
with open(order, encoding="ascii") as steps, open(out, "wb") as written:
    for step in steps.read():
        if step == "p":
            apm.process_reverse_stream(next(played))
        else:
            frame = next(captured)
            apm.set_stream_delay_ms(0)
            apm.process_stream(frame)
            written.write(bytes(frame._data))
