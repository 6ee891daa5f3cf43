/* Writes a headroom proxy log: the same bytes for the same arguments, on any machine.
 *
 *   generate BYTES EVERY [BREACH] [SEED] > proxy.log 2> truth.json
 *
 * One line in EVERY is a STAGE_TIMINGS line (0: none), and of those one in BREACH is slower than
 * the default threshold (0: none). Sizes and shapes are those of the real logs under
 * Tests/GoldenFixtures: 510 bytes a marker line, 220 any other, latencies of 16 or 17 digits.
 * stderr gets what a reader must find: lines, observations, their sum in milliseconds, breaches. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

/* xorshift64* (S. Vigna, 2016). */
static uint64_t draw(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1DULL;
}

static char *digits(char *out, uint64_t value, int width) {
    for (int i = width - 1; i >= 0; i--, value /= 10) out[i] = (char)('0' + value % 10);
    return out + width;
}

static char *text(char *out, const char *from) {
    size_t length = strlen(from);
    memcpy(out, from, length);
    return out + length;
}

static char *number(char *out, uint64_t value) {
    uint64_t ten = 1;
    int width = 1;
    for (; value / ten >= 10; ten *= 10) width++;
    return digits(out, value, width);
}

/* A latency in units of 10^-15 ms, written as Python writes a float. */
static char *milliseconds(char *out, uint64_t units) {
    out = number(out, units / 1000000000000000ULL);
    *out++ = '.';
    return digits(out, units % 1000000000000000ULL, 15);
}

/* The log begins at 2026-11-21 00:00:00 UTC. */
static const uint64_t start = 1795219200;

static char *prefix(char *out, uint64_t ms, const char *logger) {
    uint64_t second = ms / 1000, day = second / 86400;
    out = text(out, "2026-11-");
    out = digits(out, 21 + day, 2);
    *out++ = ' ';
    out = digits(out, second / 3600 % 24, 2);
    *out++ = ':';
    out = digits(out, second / 60 % 60, 2);
    *out++ = ':';
    out = digits(out, second % 60, 2);
    *out++ = ',';
    out = digits(out, ms % 1000, 3);
    out = text(out, " - ");
    out = text(out, logger);
    return text(out, " - INFO - ");
}

static char *request(char *out, uint64_t second, uint64_t n) {
    out = text(out, "hr_");
    out = number(out, second);
    *out++ = '_';
    return digits(out, n % 1000000, 6);
}

static char *session(char *out) {
    static const char hex[] = "0123456789abcdef";
    for (int word = 0; word < 2; word++) {
        uint64_t bits = draw();
        for (int i = 0; i < 16; i++, bits >>= 4) *out++ = hex[bits & 15];
    }
    return out;
}

static char *marker(char *out, uint64_t ms, uint64_t n, uint64_t total) {
    static const uint64_t unit = 1000000000000000ULL;
    uint64_t connect = draw() % (40 * unit);
    uint64_t elapsed = (total + connect) / unit;
    uint64_t second = start + (ms > elapsed ? ms - elapsed : 0) / 1000;
    out = prefix(out, ms, "headroom.proxy");
    *out++ = '[';
    out = request(out, second, n);
    out = text(out, "] STAGE_TIMINGS {\"event\": \"stage_timings\", "
                    "\"path\": \"anthropic_messages\", \"request_id\": \"");
    out = request(out, second, n);
    out = text(out, "\", \"session_id\": \"");
    out = session(out);
    out = text(out, "\", \"stages\": {\"pre_upstream_wait\": ");
    out = milliseconds(out, total / 8);
    out = text(out, ", \"read_request_json\": ");
    out = milliseconds(out, total / 16);
    out = text(out, ", \"deep_copy\": ");
    out = milliseconds(out, total / 4096);
    out = text(out, ", \"compression_first_stage\": ");
    out = milliseconds(out, total / 2);
    out = text(out, ", \"memory_context\": null, \"upstream_connect\": ");
    out = milliseconds(out, connect);
    out = text(out, ", \"upstream_first_byte\": ");
    out = milliseconds(out, connect);
    out = text(out, ", \"total_pre_upstream\": ");
    out = milliseconds(out, total);
    return text(out, "}}\n");
}

static char *other(char *out, uint64_t ms, uint64_t n) {
    uint64_t second = start + ms / 1000, kind = draw() % 4;
    switch (kind) {
    case 0:
        out = prefix(out, ms, "headroom.proxy");
        out = text(out, "event=outbound_request forwarder=anthropic_messages method=POST "
                        "path=/v1/messages body_bytes=");
        out = number(out, draw() % 100000);
        out = text(out, " body_mutated=true mutation_reasons=compression session_id=");
        out = session(out);
        break;
    case 1:
        out = prefix(out, ms, "headroom.proxy");
        *out++ = '[';
        out = request(out, second, n);
        out = text(out, "] PERF model=claude-sonnet-4-5-20250929 msgs=");
        out = number(out, draw() % 40);
        out = text(out, " tok_before=");
        out = number(out, draw() % 20000);
        out = text(out, " tok_after=");
        out = number(out, draw() % 10000);
        out = text(out, " tok_saved=3457 tok_inv=0 cache_read=2048 cache_write=0 cache_hit_pct=85 "
                        "opt_ms=7 transforms=router:protected:user_message");
        break;
    case 2:
        out = prefix(out, ms, "headroom.transforms.content_router");
        out = text(out, "content_router: 3 msgs, 1 protected (error output), 1 content-block msgs, "
                        "cache[5 results, 1 skips, ");
        out = number(out, draw() % 1000000);
        out = text(out, "ns avg] route_counts={'content_blocks': 1, 'error_protected': 1}");
        break;
    default:
        out = prefix(out, ms, "headroom.proxy");
        out = text(out, "event=proxy_inbound_response id=inbound-");
        out = number(out, second);
        out = digits(out, draw() % 1000000000, 9);
        out = text(out, " method=POST path=/v1/messages status=200 duration_ms=");
        out = number(out, draw() % 4000);
        out = text(out, ".17 client=127.0.0.1:44776 content_type=application/json error=null");
    }
    *out++ = '\n';
    return out;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: generate BYTES EVERY [BREACH] [SEED]\n");
        return 64;
    }
    uint64_t size = strtoull(argv[1], NULL, 10), every = strtoull(argv[2], NULL, 10);
    uint64_t breach = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    state = argc > 4 ? strtoull(argv[4], NULL, 10) : 20261121;
    uint64_t lines = 0, observations = 0, breaches = 0, written = 0;
    unsigned __int128 sum = 0;
    static char block[1 << 20];
    char *out = block;
    while (written + (uint64_t)(out - block) + 600 < size) {
        uint64_t ms = lines * 2;
        lines++;
        if (every && lines % every == 0) {
            observations++;
            /* Below 20 ms, and 17 significant digits in half of the lines. */
            uint64_t total = draw() % 20000000000000000ULL;
            if (breach && observations % breach == 0) {
                breaches++;
                total += 600000000000000000ULL;
            }
            sum += total;
            out = marker(out, ms, observations, total);
        } else {
            out = other(out, ms, lines);
        }
        if (out > block + sizeof block - 4096) {
            written += (uint64_t)(out - block);
            fwrite(block, 1, (size_t)(out - block), stdout);
            out = block;
        }
    }
    written += (uint64_t)(out - block);
    fwrite(block, 1, (size_t)(out - block), stdout);
    if (fflush(stdout) != 0) return 74;
    fprintf(stderr, "{\"bytes\": %" PRIu64 ", \"lines\": %" PRIu64 ", \"observations\": %" PRIu64
            ", \"breaches\": %" PRIu64 ", \"sum_ms\": %.9Lf}\n", written, lines, observations,
            breaches, (long double)sum / 1e15L);
    return 0;
}
