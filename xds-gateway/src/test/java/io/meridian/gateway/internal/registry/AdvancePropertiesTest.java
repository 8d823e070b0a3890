package io.meridian.gateway.internal.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.compiler.Proxy;
import io.meridian.compiler.XdsType;
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
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Publishes, streams on two loops, acknowledgements, ends, time, and reports to the core in any order: what the core knows never exceeds the
 * truth, and is the truth once everything is told.
 */
class AdvancePropertiesTest {
    private static final MeshId MESH = new MeshId("bookinfo");
    private static final int PROXIES = 4;

    /** An event loop: tasks in order, and what its streams have to tell. */
    private static final class Loop {
        private final Deque<Runnable> tasks = new ArrayDeque<>();
        private final Tellings tellings = new Tellings();
        private final Deliveries deliveries;

        private Loop(Deliveries deliveries) {
            this.deliveries = deliveries;
        }

        private void drain() {
            while (!tasks.isEmpty()) {
                tasks.remove().run();
            }
        }
    }

    /** A stream as the gateway runs it. */
    private final class Stream implements Tellings.Teller {
        private final ProxyConnection connection;
        private final Loop loop;
        private final Tellings.Place place = new Tellings.Place(this);
        /** Positions that touch it and that it has not acknowledged: the truth. */
        private final TreeSet<Long> lacks = new TreeSet<>();

        private @Nullable Position served;
        private @Nullable Position inFlight;
        private @Nullable Position acknowledged;
        private StreamStatus.@Nullable State told;
        private boolean unsettled;
        private boolean refused;
        private boolean open = true;

        private Stream(int node, long number) {
            loop = loops.get(node % loops.size());
            connection = new ProxyConnection(
                    number,
                    MESH,
                    new ProxyNode(proxy("p" + node), "", "1.27"),
                    "peer:" + number,
                    "DELTA",
                    Instant.EPOCH,
                    new SentResponses(),
                    CompletableFuture::new);
        }

        /** Its view at {@code position} comes, and is sent. */
        private void view(Position position) {
            if (!open) {
                return;
            }
            served = position;
            unsettled = true;
            refused = false;
            inFlight = position;
            report();
        }

        /** As a stream does when its client answers, and when it tells. */
        private void noteInFlight() {
            Position position = inFlight;
            if (position != null) {
                connection
                        .sent()
                        .note(
                                XdsType.ENDPOINT,
                                responses.computeIfAbsent(position, of -> new SentResponses.Sent(of, "v" + of, 0, 1)));
            }
        }

        private StreamStatus.State state() {
            return served == null
                    ? StreamStatus.State.NOT_SENT
                    : refused
                            ? StreamStatus.State.REJECTED
                            : unsettled ? StreamStatus.State.STALE : StreamStatus.State.SYNCED;
        }

        private void report() {
            if (!open) {
                return;
            }
            if (state() == StreamStatus.State.SYNCED && told == StreamStatus.State.SYNCED) {
                loop.deliveries.add(connection);
                loop.tellings.settled(place);
            } else {
                loop.tellings.due(place, now);
            }
        }

        @Override
        public Tellings.Place place() {
            return place;
        }

        @Override
        public boolean mayWait(long nowNanos) {
            return told == StreamStatus.State.SYNCED && state() == StreamStatus.State.STALE;
        }

        @Override
        public void tell() {
            told = state();
            noteInFlight();
            registry.update(
                    connection,
                    new StreamStatus(
                            told,
                            served,
                            acknowledged,
                            List.of(new StreamStatus.TypeState(XdsType.ENDPOINT, told, acknowledged, "", 1))),
                    StreamFacts.NONE);
        }

        private void acknowledge() {
            Position all = served;
            if (open && all != null && unsettled) {
                unsettled = false;
                refused = false;
                acknowledged = all;
                noteInFlight();
                inFlight = null;
                lacks.headSet(all.seq(), true).clear();
                report();
            }
        }

        private void refuse() {
            if (served != null && unsettled) {
                refused = true;
                noteInFlight();
                inFlight = null;
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
            loop.deliveries.remove(connection);
            registry.remove(connection, "test");
            loop.tellings.settled(place);
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
    private final List<Loop> loops = List.of(new Loop(registry.deliveries()), new Loop(registry.deliveries()));
    private final Map<Integer, Stream> streams = new HashMap<>();
    private final Map<String, Stream> byPeer = new HashMap<>();
    private final Map<Position, SentResponses.Sent> responses = new HashMap<>();
    private long published = 1;
    private long numbers;
    private long now;

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
        settle();
        assertThat(core.list()).hasSameSizeAs(streams.values()).allSatisfy(status -> {
            assertThat(status.getState()).isEqualTo(ProxyStatus.State.SYNCED);
            assertThat(status.getAcknowledged().getSeq()).isEqualTo(published);
            assertThat(status.getServed().getSeq()).isEqualTo(published);
        });
        assertThat(registry.list()).containsExactlyInAnyOrderElementsOf(core.list());
    }

    private void step(Random random) {
        Stream stream = streams.get(random.nextInt(PROXIES));
        switch (random.nextInt(14)) {
            case 0, 1 -> publish(random);
            case 2 -> connect(random.nextInt(PROXIES));
            case 3 -> {
                if (stream != null && random.nextInt(4) == 0) {
                    // Its loop's tasks find it ended.
                    stream.end();
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
                Loop loop = loops.get(random.nextInt(loops.size()));
                if (!loop.tasks.isEmpty()) {
                    loop.tasks.remove().run();
                }
            }
            case 8, 9 -> {
                if (stream != null) {
                    stream.acknowledge();
                }
            }
            case 10 -> tell();
            case 11, 12 -> {
                now += random.nextLong(2 * Tellings.PATIENCE.toNanos());
                var _ = loops.get(random.nextInt(loops.size())).tellings.tell(now);
            }
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
        touched.forEach(stream -> stream.lacks.add(next));
        Map<Loop, List<Stream>> byLoop = touched.stream().collect(Collectors.groupingBy(stream -> stream.loop));
        Publishes.Publish publish = publishes.begin(at(next), byLoop.size());
        byLoop.forEach((loop, told) -> loop.tasks.add(() -> {
            told.forEach(stream -> stream.view(at(next)));
            loop.tellings.whenTold(publish::done);
        }));
    }

    private void connect(int node) {
        Stream stream = new Stream(node, ++numbers);
        byPeer.put(stream.connection.peer(), stream);
        long head = published;
        // It holds nothing, so everything up to now is lacking.
        for (long position = 1; position <= head; position++) {
            stream.lacks.add(position);
        }
        Stream old = streams.put(node, stream);
        stream.report();
        stream.loop.tasks.add(() -> stream.view(at(head)));
        if (old != null) {
            old.end();
        }
    }

    /** All is acknowledged and told. */
    private void settle() {
        loops.forEach(Loop::drain);
        streams.values().forEach(Stream::acknowledge);
        now += 2 * Tellings.PATIENCE.toNanos();
        loops.forEach(loop -> {
            var _ = loop.tellings.tell(now);
        });
        tellAll();
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
        settle();

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
    void anEventThatAllAcknowledgeInTimeIsOneReportOfWhatTheyGot() {
        registry.onChange(queue);
        for (int node = 0; node < PROXIES; node++) {
            connect(node);
        }
        settle();
        Publishes.Publish publish = publishes.begin(at(2), 1);
        Loop loop = loops.getFirst();

        streams.values().forEach(stream -> stream.view(at(2)));
        loop.tellings.whenTold(publish::done);
        loops.forEach(each -> assertThat(each.tellings.tell(now)).isZero());
        assertThat(queue.next()).isNull();
        streams.values().forEach(Stream::acknowledge);

        ProxyReport report = Objects.requireNonNull(queue.next(), "there is something to report");
        assertThat(report.getUpdatedList()).isEmpty();
        assertThat(report.getAdvancedList()).containsExactly(at(2).toProto());
        assertThat(report.getDeliveredList())
                .singleElement()
                .satisfies(delivery -> assertThat(delivery.getStreamsList()).hasSize(PROXIES));
        assertThat(queue.next()).isNull();
        var _ = core.take(report);
        assertThat(core.list()).allSatisfy(status -> {
            assertThat(status.getAcknowledged()).isEqualTo(at(2).toProto());
            assertThat(status.getTypes(0).getSent().getPosition()).isEqualTo(at(2).toProto());
        });
    }

    @Test
    void whoDoesNotAcknowledgeInTimeIsToldToBeBehind() {
        registry.onChange(queue);
        connect(0);
        settle();
        Publishes.Publish publish = publishes.begin(at(2), 1);
        Stream stream = Objects.requireNonNull(streams.get(0));

        stream.view(at(2));
        stream.loop.tellings.whenTold(publish::done);
        now += Tellings.PATIENCE.toNanos();

        assertThat(stream.loop.tellings.tell(now)).isEqualTo(1);
        tellAll();
        assertThat(core.list()).singleElement().satisfies(status -> {
            assertThat(status.getState()).isEqualTo(ProxyStatus.State.STALE);
            assertThat(status.getAcknowledged().getSeq()).isEqualTo(1);
            assertThat(status.getServed().getSeq()).isEqualTo(2);
        });
        assertThat(registry.advancedTo("bookinfo")).contains(at(2));
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
