package io.meridian.gateway.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A client of either variant that does what it likes: subscribes, unsubscribes, refuses, reads late, loses its connection. What it holds
 * follows from the protocol's specification alone.
 */
abstract class ModelClient<S extends DiscoveryStream> {
    static final ProtocolLimits LIMITS =
            new ProtocolLimits(1000, 60, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(15));
    private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f");
    private static final List<XdsType> TYPES =
            List.of(XdsType.CLUSTER, XdsType.ENDPOINT, XdsType.LISTENER, XdsType.ROUTE);
    private static final int MAX_QUIET_ROUNDS = 400;

    final Random random;
    final Views views;
    final Sharing sharing = new Sharing("test", 1 << 20);
    S stream;
    long now;

    /** What it holds of one type, and what it wants. */
    static final class Holding {
        final Map<String, String> held = new TreeMap<>();
        final Set<String> wanted = new TreeSet<>();
        boolean wildcard;
        boolean requested;
        boolean everRequested;
        boolean legacy;
        String nonce = "";
        String version = "";

        boolean wants(String name) {
            return wildcard || wanted.contains(name);
        }
    }

    final Map<XdsType, Holding> holdings = new EnumMap<>(XdsType.class);
    private final Deque<Outgoing> inbox = new ArrayDeque<>();
    private final Set<String> refused = new HashSet<>();
    private int sends;

    ModelClient(Random random, Views views) {
        this.random = random;
        this.views = views;
        for (XdsType type : XdsType.values()) {
            holdings.put(type, new Holding());
        }
        stream = open();
    }

    abstract S open();

    /** Tells the server of a new stream what it wants of the type and what it has. */
    abstract void introduce(XdsType type, Holding holding) throws TooManyNamesException;

    abstract void subscribe(XdsType type, Holding holding, String name) throws TooManyNamesException;

    abstract void unsubscribe(XdsType type, Holding holding, String name) throws TooManyNamesException;

    abstract void wildcard(XdsType type, Holding holding, boolean on) throws TooManyNamesException;

    abstract void accept(Outgoing response, Holding holding) throws TooManyNamesException;

    abstract void refuse(Outgoing response, Holding holding) throws TooManyNamesException;

    abstract boolean toldOfAbsence(XdsType type);

    Holding holding(XdsType type) {
        Holding holding = holdings.get(type);
        if (holding == null) {
            throw new IllegalStateException();
        }
        return holding;
    }

    /** One random thing happens. */
    void act() throws TooManyNamesException {
        XdsType type = TYPES.get(random.nextInt(TYPES.size()));
        String name = NAMES.get(random.nextInt(NAMES.size()));
        Holding holding = holding(type);
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> views.with(type, name, Integer.toString(random.nextInt(3)));
            case 4 -> views.without(type, name);
            case 5 -> views.elsewhere();
            case 6, 7 -> subscribe(type, holding, name);
            case 8 -> unsubscribe(type, holding, name);
            case 9 -> wildcard(type, holding, random.nextInt(3) > 0);
            case 10 -> reconnect();
            case 11 -> {
                now += Duration.ofMillis(700).toNanos();
                sharing.forgetIfIdle();
            }
            case 12, 13, 14 -> stream.onView(views.view(), now);
            default -> process(random.nextInt(6) == 0);
        }
        drain();
    }

    private void reconnect() throws TooManyNamesException {
        inbox.clear();
        stream = open();
        if (random.nextBoolean()) {
            stream.onView(views.view(), now);
        }
        for (XdsType type : XdsType.values()) {
            Holding holding = holding(type);
            if (holding.requested) {
                introduce(type, holding);
            }
        }
    }

    private void process(boolean refuse) throws TooManyNamesException {
        Outgoing response = inbox.poll();
        if (response == null) {
            return;
        }
        Holding holding = holding(typeOf(response));
        if (refuse) {
            response.resources().forEach(resource -> refused.add(key(resource)));
            refuse(response, holding);
        } else {
            response.resources().forEach(resource -> refused.remove(key(resource)));
            accept(response, holding);
        }
    }

    static XdsType typeOf(Outgoing response) {
        XdsType type = response.type();
        if (type == null) {
            throw new IllegalStateException();
        }
        return type;
    }

    private static String key(XdsResource resource) {
        return resource.type() + "/" + resource.name() + "/" + resource.version();
    }

    private void drain() {
        for (Outgoing next = stream.poll(now); next != null; next = stream.poll(now)) {
            XdsType type = typeOf(next);
            assertThat(inbox).as("one response in flight per type").noneMatch(other -> typeOf(other) == type);
            assertThat(next.resources().stream().map(XdsResource::name))
                    .as("no duplicate names")
                    .doesNotHaveDuplicates();
            inbox.add(next);
            sends++;
        }
    }

    /** Everything is delivered and accepted until nothing more comes. */
    void settle() throws TooManyNamesException {
        stream.onView(views.view(), now);
        int quiet = 0;
        for (int round = 0; quiet < 3; round++) {
            assertThat(round).as("the stream comes to rest").isLessThan(MAX_QUIET_ROUNDS);
            drain();
            quiet = inbox.isEmpty() ? quiet + 1 : 0;
            while (!inbox.isEmpty()) {
                process(false);
            }
            now += Duration.ofMillis(1100).toNanos();
        }
    }

    /** It holds what it wants of what there is, but for what it refused itself. */
    void assertConverged() {
        boolean missing = false;
        boolean anything = false;
        for (XdsType type : XdsType.values()) {
            Holding holding = holding(type);
            anything |= holding.requested;
            Map<String, String> held = new TreeMap<>(holding.held);
            for (XdsResource resource : views.map(type).values()) {
                if (!holding.wants(resource.name())) {
                    continue;
                }
                String version = held.remove(resource.name());
                if (!resource.version().equals(version)) {
                    missing = true;
                    assertThat(refused)
                            .as("%s of %s held as %s", resource.name(), type, version)
                            .contains(key(resource));
                }
            }
            if (toldOfAbsence(type)) {
                assertThat(held)
                        .as("of type %s it holds what is not there", type)
                        .isEmpty();
            }
        }
        StreamStatus status = stream.status(now);
        if (missing) {
            assertThat(status.state()).isEqualTo(StreamStatus.State.REJECTED);
        } else if (anything) {
            assertThat(status.state()).isIn(StreamStatus.State.SYNCED, StreamStatus.State.REJECTED);
        }
        if (status.state() == StreamStatus.State.SYNCED) {
            assertThat(status.acknowledged()).isEqualTo(views.position());
        }
    }

    /** A gateway that it never saw sends it nothing that it already has. */
    int sendsAfterReconnect() throws TooManyNamesException {
        int before = sends;
        reconnect();
        settle();
        return sends - before;
    }

    boolean refusedNothing() {
        return refused.isEmpty();
    }
}
