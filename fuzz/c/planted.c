/* A mistake on purpose, to see that fuzzing finds one like it: libopus is given room for 60 ms, and
 * told that it is for as much as the caller asked for. It writes over the end with the first packet
 * that is longer. Linked in place of opus_decode_float. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 60 * 48 };

int __real_opus_decode_float(void *decoder, const unsigned char *data, int32_t length, float *samples,
                             int room, int fec);

int __wrap_opus_decode_float(void *decoder, const unsigned char *data, int32_t length, float *samples,
                             int room, int fec) {
    float *planted = malloc(ROOM * sizeof *planted);
    if (!planted) {
        abort();
    }
    int count = __real_opus_decode_float(decoder, data, length, planted, room, fec);
    if (count > 0) {
        memcpy(samples, planted, (count < ROOM ? count : ROOM) * sizeof *samples);
    }
    free(planted);
    return count;
}
