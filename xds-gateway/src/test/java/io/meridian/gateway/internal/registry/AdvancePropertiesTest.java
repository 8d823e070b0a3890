package io.meridian.gateway.internal.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.Proxy;
import io.meridian.gateway.internal.node.ProxyNode;
import io.meridian.gateway.internal.protocol.StreamStatus;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.proxy.ReportedGateway;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Publishes, streams, acknowledgements, ends, and reports to the core in any order: what the core knows never exceeds the truth, and is the
 * truth once everything is told.
 */
class AdvancePropertiesTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final int PROXIES = 4;

    /** A stream as the gateway runs it: told by its loop's tasks, in order. */
    private final class Stream {
        private final ProxyConnection connection;
        private final Deque<Runnable> loop = new ArrayDeque<>();
        /** Positions that touch it and that it has not acknowledged: the truth. */
        private final TreeSet<Long> lacks = new TreeSet<>();

        private @Nullable Position served;
        private @Nullable Position acknowledged;
        private boolean unsettled;
        private boolean refused;
        private boolean open = true;

        private Stream(int node, long number) {
            connection = new ProxyConnection(
                    number,
                    MESH,
                    new ProxyNode(proxy("p" + node), "", "1.27"),
                    "peer:" + number,
                    "DELTA",
                    Instant.EPOCH,
                    CompletableFuture::new);
        }

        /** Its view at {@code position} comes. */
        private void view(Position position) {
            served = position;
            unsettled = true;
            refused = false;
            report();
        }

        private void report() {
            if (!open) {
                return;
            }
            StreamStatus.State state = served == null
                    ? StreamStatus.State.NOT_SENT
                    : refused
                            ? StreamStatus.State.REJECTED
                            : unsettled ? StreamStatus.State.STALE : StreamStatus.State.SYNCED;
            if (state == StreamStatus.State.SYNCED) {
                acknowledged = served;
            }
            registry.update(connection, new StreamStatus(state, served, acknowledged, List.of()), StreamFacts.NONE);
        }

        private void acknowledge() {
            Position all = served;
            if (all != null && unsettled) {
                unsettled = false;
                refused = false;
                lacks.headSet(all.seq(), true).clear();
                report();
            }
        }

        private void refuse() {
            if (served != null && unsettled) {
                refused = true;
                report();
            }
        }

        /** It subscribes to something more, which the gateway has yet to send. */
        private void ask() {
            if (served != null) {
                unsettled = true;
                report();
            }
        }

        private void end() {
            open = false;
            registry.remove(connection, "test");
        }

        /** Everything at or before this it has acknowledged. */
        private long truth() {
            return lacks.isEmpty() ? published : lacks.first() - 1;
        }
    }

    private final ProxyRegistry registry =
            new ProxyRegistry("eu-1", "gw-1", () -> 1, InstantSource.fixed(Instant.EPOCH));
    private final ReportQueue queue = new ReportQueue("gw-1", registry, 2);
    private final Publishes publishes = new Publishes(registry, MESH);
    private final ReportedGateway core = new ReportedGateway();
    private final Map<Integer, Stream> streams = new HashMap<>();
    private final Map<String, Stream> byPeer = new HashMap<>();
    private long published = 1;
    private long numbers;

    @Property(tries = 2000)
    void theCoreNeverKnowsMoreThanIsTrueAndInTheEndAllOfIt(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 120) int steps) {
        new AdvancePropertiesTest().run(new Random(seed), steps);
    }

    private void run(Random random, int steps) {
        registry.onChange(queue);
        for (int step = 0; step < steps; step++) {
            step(random);
            core.list().forEach(this::isTrue);
        }
        streams.values().forEach(stream -> {
            drain(stream);
            stream.acknowledge();
        });
        tellAll();
        assertThat(core.list()).hasSameSizeAs(streams.values()).allSatisfy(status -> {
            assertThat(status.getState()).isEqualTo(ProxyStatus.State.SYNCED);
            assertThat(status.getAcknowledged().getSeq()).isEqualTo(published);
            assertThat(status.getServed().getSeq()).isEqualTo(published);
        });
        assertThat(registry.list()).containsExactlyInAnyOrderElementsOf(core.list());
    }

    private void step(Random random) {
        Stream stream = streams.get(random.nextInt(PROXIES));
        switch (random.nextInt(12)) {
            case 0, 1 -> publish(random);
            case 2 -> connect(random.nextInt(PROXIES));
            case 3 -> {
                if (stream != null && random.nextInt(4) == 0) {
                    stream.end();
                    // Its loop's tasks find it ended.
                    drain(stream);
                    streams.values().remove(stream);
                }
            }
            case 4 -> {
                if (stream != null && random.nextBoolean()) {
                    stream.refuse();
                }
            }
            case 5 -> {
                if (stream != null) {
                    stream.ask();
                }
            }
            case 6, 7 -> {
                if (stream != null && !stream.loop.isEmpty()) {
                    stream.loop.remove().run();
                }
            }
            case 8, 9 -> {
                if (stream != null) {
                    stream.acknowledge();
                }
            }
            case 10 -> tell();
            default -> {
                if (random.nextInt(6) == 0) {
                    queue.startOver();
                }
                tell();
            }
        }
    }

    private void publish(Random random) {
        long next = published + 1;
        List<Stream> touched = new ArrayList<>();
        streams.values().stream().filter(stream -> random.nextInt(3) == 0).forEach(touched::add);
        published = next;
        Publishes.Publish publish = publishes.begin(at(next), touched.size());
        touched.forEach(stream -> {
            stream.lacks.add(next);
            stream.loop.add(() -> {
                stream.view(at(next));
                publish.done();
            });
        });
    }

    private void connect(int node) {
        Stream stream = new Stream(node, ++numbers);
        byPeer.put(stream.connection.peer(), stream);
        long now = published;
        // It holds nothing, so everything up to now is lacking.
        for (long position = 1; position <= now; position++) {
            stream.lacks.add(position);
        }
        Stream old = streams.put(node, stream);
        stream.report();
        stream.loop.add(() -> stream.view(at(now)));
        if (old != null) {
            old.end();
            drain(old);
        }
    }

    private static void drain(Stream stream) {
        while (!stream.loop.isEmpty()) {
            stream.loop.remove().run();
        }
    }

    private void tell() {
        ProxyReport report = queue.next();
        if (report != null) {
            var _ = core.take(report);
        }
    }

    private void tellAll() {
        for (ProxyReport report = queue.next(); report != null; report = queue.next()) {
            var _ = core.take(report);
        }
    }

    private void isTrue(ProxyStatus status) {
        Stream stream = Objects.requireNonNull(byPeer.get(status.getPeer()), "a status of a stream that there was");
        if (stream.open) {
            assertThat(status.getAcknowledged().getSeq())
                    .as(status.getNode() + " " + status.getState() + " lacks " + stream.lacks)
                    .isLessThanOrEqualTo(stream.truth());
        }
    }

    @Test
    void anEventThatTouchesNobodyIsOneReportOfOnePosition() {
        registry.onChange(queue);
        for (int node = 0; node < PROXIES; node++) {
            connect(node);
        }
        streams.values().forEach(stream -> {
            drain(stream);
            stream.acknowledge();
        });
        tellAll();

        publishes.begin(at(2), 0);

        ProxyReport report = Objects.requireNonNull(queue.next(), "there is something to report");
        assertThat(report)
                .isEqualTo(ProxyReport.newBuilder()
                        .setGateway("gw-1")
                        .addAdvanced(at(2).toProto())
                        .build());
        assertThat(queue.next()).isNull();
        var _ = core.take(report);
        assertThat(core.list())
                .hasSize(PROXIES)
                .allSatisfy(status -> assertThat(status.getAcknowledged()).isEqualTo(at(2).toProto()));
    }

    @Test
    void aPublishIsNotToldBeforeTheStreamsOfAnEarlierOneHaveReported() {
        registry.onChange(queue);
        Publishes.Publish first = publishes.begin(at(2), 1);
        Publishes.Publish second = publishes.begin(at(3), 0);

        assertThat(second).isNotNull();
        assertThat(registry.advancedTo("bookinfo")).isEmpty();
        first.done();
        assertThat(registry.advancedTo("bookinfo")).contains(at(3));
    }

    private static Position at(long seq) {
        return new Position(MESH, new Epoch(1), seq);
    }

    private static Proxy proxy(String name) {
        return new Proxy(
                "sidecar~10.0.0.1~" + name + ".default~default.svc.cluster.local",
                Proxy.Type.SIDECAR,
                List.of("10.0.0.1"),
                name,
                "default",
                "default.svc.cluster.local",
                "k8s-1",
                "",
                "",
                Map.of(),
                Proxy.InterceptionMode.REDIRECT,
                "1.27",
                "");
    }
}
