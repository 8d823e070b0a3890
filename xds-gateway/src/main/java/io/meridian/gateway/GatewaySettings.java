package io.meridian.gateway;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a gateway runs.
 *
 * @param gatewayId unique among the gateways of the region; part of every proxy's status
 * @param region the name of the region whose core is followed
 * @param host the address to listen on
 * @param port 0: the system's choice
 * @param dataDirectory where the local copies are kept; empty: none are, and the gateway cannot start without the core
 */
public record GatewaySettings(
        String gatewayId, String region, String host, int port, Optional<Path> dataDirectory, Limits limits) {

    /** With the default limits. */
    public static GatewaySettings of(String gatewayId, String region, String host, int port, Path dataDirectory) {
        return new GatewaySettings(gatewayId, region, host, port, Optional.of(dataDirectory), Limits.DEFAULT);
    }

    public GatewaySettings with(Limits others) {
        return new GatewaySettings(gatewayId, region, host, port, dataDirectory, others);
    }

    /**
     * What bounds a gateway.
     *
     * @param streams in all; one more is refused with RESOURCE_EXHAUSTED. By default one for each 40 KiB of the largest heap, 50,000 at most
     * @param streamsPerConnection told to the client by HTTP/2
     * @param namesPerStream that a stream may subscribe to; beyond it the stream is ended with RESOURCE_EXHAUSTED
     * @param requestBytes of one request
     * @param chunkBytes a response that can be parted is parted at about this size
     * @param bytesInFlight handed to the transport and not yet taken by the clients, over all streams; further responses wait. By default an
     *     eighth of the largest heap, 8 to 128 MiB
     * @param stallLimit a client that does not read for so long is cut off
     * @param meshWait how long a stream waits for its mesh to be known before it is ended
     * @param waveLimit how long routes wait for the acknowledgement of clusters, and so on down the order of types
     * @param drainGrace how long clients have to leave when the gateway closes
     * @param keepAlive interval of HTTP/2 pings to clients; one that does not answer for 20 s is dropped
     * @param connectionAge after which a connection is ended, a tenth earlier or later, so that proxies spread over gateways again; zero: never
     * @param connectionAgeGrace how long its streams may go on once the client was told so (GOAWAY)
     * @param inventoryDebounce how long a change of inventory waits for others that come with it
     * @param configurationDebounce the same for a change of configuration
     * @param mostBackoff between attempts to reach the core, from 100 ms growing to this
     * @param feedSilence a feed that says nothing for so long is opened anew
     * @param copyInterval the disk is made to take what was appended to a mesh's local copy, or all of it is written anew, once in this time
     * @param warmUp how long, at most, the gateway exercises its own code before its health service says SERVING; zero, as by default: not
     *     at all
     */
    public record Limits(
            int streams,
            int streamsPerConnection,
            int namesPerStream,
            int requestBytes,
            int chunkBytes,
            long bytesInFlight,
            Duration stallLimit,
            Duration meshWait,
            Duration waveLimit,
            Duration drainGrace,
            Duration keepAlive,
            Duration connectionAge,
            Duration connectionAgeGrace,
            Duration inventoryDebounce,
            Duration configurationDebounce,
            Duration mostBackoff,
            Duration feedSilence,
            Duration copyInterval,
            Duration warmUp) {
        public static final Limits DEFAULT = new Limits(
                defaultStreams(),
                1_000,
                100_000,
                16 << 20,
                1_000_000,
                defaultBytesInFlight(),
                Duration.ofSeconds(60),
                Duration.ofSeconds(15),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                Duration.ofMinutes(30),
                Duration.ofSeconds(10),
                Duration.ofMillis(2),
                Duration.ofMillis(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(2),
                Duration.ZERO);

        private static final long LEAST_BYTES_IN_FLIGHT = 8 << 20;
        private static final long MOST_BYTES_IN_FLIGHT = 128 << 20;
        private static final int SHARE_IN_FLIGHT = 8;

        private static final int MOST_STREAMS = 50_000;
        private static final long HEAP_PER_STREAM = 40 << 10;

        /** Makes others of these. */
        public Builder toBuilder() {
            return new Builder(this);
        }

        /**
         * A stream, with its connection, lives on some 10 KiB of heap; what all share, and what comes and goes, needs most of the rest. Beyond
         * that a gateway would collect garbage without end, and serve nobody.
         */
        private static int defaultStreams() {
            return (int) Math.min(Runtime.getRuntime().maxMemory() / HEAP_PER_STREAM, MOST_STREAMS);
        }

        /**
         * An eighth of the largest heap. What is in flight lies in buffers outside the heap, which the JVM limits to as much as the heap unless
         * it is told otherwise, and whose pools round up; beyond that limit streams would fail.
         */
        private static long defaultBytesInFlight() {
            return Math.clamp(
                    Runtime.getRuntime().maxMemory() / SHARE_IN_FLIGHT, LEAST_BYTES_IN_FLIGHT, MOST_BYTES_IN_FLIGHT);
        }

        /** Limits that differ from others in some. Not thread-safe. */
        public static final class Builder {
            private int streams;
            private int streamsPerConnection;
            private int namesPerStream;
            private int requestBytes;
            private int chunkBytes;
            private long bytesInFlight;
            private Duration stallLimit;
            private Duration meshWait;
            private Duration waveLimit;
            private Duration drainGrace;
            private Duration keepAlive;
            private Duration connectionAge;
            private Duration connectionAgeGrace;
            private Duration inventoryDebounce;
            private Duration configurationDebounce;
            private Duration mostBackoff;
            private Duration feedSilence;
            private Duration copyInterval;
            private Duration warmUp;

            private Builder(Limits from) {
                streams = from.streams;
                streamsPerConnection = from.streamsPerConnection;
                namesPerStream = from.namesPerStream;
                requestBytes = from.requestBytes;
                chunkBytes = from.chunkBytes;
                bytesInFlight = from.bytesInFlight;
                stallLimit = from.stallLimit;
                meshWait = from.meshWait;
                waveLimit = from.waveLimit;
                drainGrace = from.drainGrace;
                keepAlive = from.keepAlive;
                connectionAge = from.connectionAge;
                connectionAgeGrace = from.connectionAgeGrace;
                inventoryDebounce = from.inventoryDebounce;
                configurationDebounce = from.configurationDebounce;
                mostBackoff = from.mostBackoff;
                feedSilence = from.feedSilence;
                copyInterval = from.copyInterval;
                warmUp = from.warmUp;
            }

            public Builder streams(int value) {
                streams = value;
                return this;
            }

            public Builder streamsPerConnection(int value) {
                streamsPerConnection = value;
                return this;
            }

            public Builder namesPerStream(int value) {
                namesPerStream = value;
                return this;
            }

            public Builder requestBytes(int value) {
                requestBytes = value;
                return this;
            }

            public Builder chunkBytes(int value) {
                chunkBytes = value;
                return this;
            }

            public Builder bytesInFlight(long value) {
                bytesInFlight = value;
                return this;
            }

            public Builder stallLimit(Duration value) {
                stallLimit = value;
                return this;
            }

            public Builder meshWait(Duration value) {
                meshWait = value;
                return this;
            }

            public Builder waveLimit(Duration value) {
                waveLimit = value;
                return this;
            }

            public Builder drainGrace(Duration value) {
                drainGrace = value;
                return this;
            }

            public Builder keepAlive(Duration value) {
                keepAlive = value;
                return this;
            }

            public Builder connectionAge(Duration value) {
                connectionAge = value;
                return this;
            }

            public Builder connectionAgeGrace(Duration value) {
                connectionAgeGrace = value;
                return this;
            }

            public Builder inventoryDebounce(Duration value) {
                inventoryDebounce = value;
                return this;
            }

            public Builder configurationDebounce(Duration value) {
                configurationDebounce = value;
                return this;
            }

            public Builder mostBackoff(Duration value) {
                mostBackoff = value;
                return this;
            }

            public Builder feedSilence(Duration value) {
                feedSilence = value;
                return this;
            }

            public Builder copyInterval(Duration value) {
                copyInterval = value;
                return this;
            }

            public Builder warmUp(Duration value) {
                warmUp = value;
                return this;
            }

            public Limits build() {
                return new Limits(
                        streams,
                        streamsPerConnection,
                        namesPerStream,
                        requestBytes,
                        chunkBytes,
                        bytesInFlight,
                        stallLimit,
                        meshWait,
                        waveLimit,
                        drainGrace,
                        keepAlive,
                        connectionAge,
                        connectionAgeGrace,
                        inventoryDebounce,
                        configurationDebounce,
                        mostBackoff,
                        feedSilence,
                        copyInterval,
                        warmUp);
            }
        }
    }
}
