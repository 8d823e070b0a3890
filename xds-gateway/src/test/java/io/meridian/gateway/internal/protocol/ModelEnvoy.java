package io.meridian.gateway.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An Envoy in the state of the world. It takes all clusters and listeners, and asks for the endpoints of each cluster and the routes of each
 * listener. A cluster that is new or changed warms until endpoints come, even if it has some. What a cluster had it loses with the
 * cluster; routes of a listener that went live on until it has drained. Of a response that it refuses it may have taken a part. When it
 * connects again it says which version it accepted last.
 */
final class ModelEnvoy {
    private static final ProtocolLimits LIMITS =
            new ProtocolLimits(1000, 60, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(15));
    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final int MAX_QUIET_ROUNDS = 400;

    /** What it has of a type. */
    private static final class Part {
        private final Map<String, String> held = new TreeMap<>();
        private String version = "";
        private String nonce = "";
        private Set<String> asked = new TreeSet<>();
        private boolean requested;
    }

    private final Random random;
    private final Views views;
    private final Map<XdsType, Part> parts = new EnumMap<>(XdsType.class);
    private final Set<String> warming = new TreeSet<>();
    private final Set<String> draining = new TreeSet<>();
    private final Deque<Outgoing> inbox = new ArrayDeque<>();
    /** Refused something of these, and was not told of the dependent type since. */
    private final Set<XdsType> unsure = new TreeSet<>();

    private Sharing sharing = new Sharing("test", 1 << 20);
    private StateOfTheWorldStream stream;
    private long now;
    private int sends;

    ModelEnvoy(Random random, Views views) {
        this.random = random;
        this.views = views;
        for (XdsType type : List.of(XdsType.CLUSTER, XdsType.ENDPOINT, XdsType.LISTENER, XdsType.ROUTE)) {
            parts.put(type, new Part());
        }
        stream = open();
    }

    private StateOfTheWorldStream open() {
        return new StateOfTheWorldStream(true, sharing, LIMITS, now);
    }

    private Part part(XdsType type) {
        Part part = parts.get(type);
        if (part == null) {
            throw new IllegalStateException("no part of " + type);
        }
        return part;
    }

    /** One random thing happens. */
    void act() throws TooManyNamesException {
        XdsType type = List.copyOf(parts.keySet()).get(random.nextInt(4));
        String name = NAMES.get(random.nextInt(NAMES.size()));
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> views.with(type, name, Integer.toString(random.nextInt(2)));
            case 3 -> views.without(type, name);
            case 4 -> {
                // A refusal and a broken stream within one round trip is more than a version can tell of.
                if (unsure.isEmpty()) {
                    reconnect();
                }
            }
            case 5 -> now += Duration.ofMillis(700).toNanos();
            case 6 -> drained(name);
            case 7, 8, 9 -> stream.onView(views.view(), now);
            default -> process(random.nextInt(8) == 0);
        }
        drain();
    }

    /** The stream breaks, with whatever was on its way; another gateway takes over, or the same. */
    void reconnect() throws TooManyNamesException {
        inbox.clear();
        unsure.clear();
        if (random.nextBoolean()) {
            sharing = new Sharing("other", 1 << 20);
        }
        stream = open();
        boolean viewFirst = random.nextBoolean();
        if (viewFirst) {
            stream.onView(views.view(), now);
        }
        for (Map.Entry<XdsType, Part> entry : parts.entrySet()) {
            Part part = entry.getValue();
            part.nonce = "";
            part.requested = false;
            request(entry.getKey(), false);
            if (random.nextBoolean()) {
                drain();
            }
        }
        if (!viewFirst) {
            stream.onView(views.view(), now);
        }
    }

    /** Tells what it wants of the type if that is news, or if it is an answer. */
    private void request(XdsType type, boolean answer) throws TooManyNamesException {
        Part part = part(type);
        Set<String> asked = new TreeSet<>();
        if (type == XdsType.ENDPOINT) {
            asked.addAll(part(XdsType.CLUSTER).held.keySet());
        } else if (type == XdsType.ROUTE) {
            asked.addAll(part(XdsType.LISTENER).held.keySet());
            asked.addAll(draining);
        }
        boolean news = !part.requested || !asked.equals(part.asked);
        boolean child = !type.completeInStateOfTheWorld();
        if (!(answer || news) || (child && asked.isEmpty() && !part.requested)) {
            return;
        }
        part.asked = asked;
        part.requested = true;
        stream.onRequest(
                DiscoveryRequest.newBuilder()
                        .setTypeUrl(type.typeUrl())
                        .setVersionInfo(part.version)
                        .setResponseNonce(part.nonce)
                        .addAllResourceNames(asked)
                        .build(),
                now);
    }

    private void drained(String name) throws TooManyNamesException {
        if (draining.remove(name)) {
            part(XdsType.ROUTE).held.remove(name);
            request(XdsType.ROUTE, false);
        }
    }

    private void process(boolean refuse) throws TooManyNamesException {
        Outgoing response = inbox.poll();
        if (response == null) {
            return;
        }
        XdsType type = ModelClient.typeOf(response);
        Part part = part(type);
        part.nonce = response.nonce();
        boolean refuses = refuse && !response.resources().isEmpty();
        for (XdsResource resource : response.resources()) {
            if (!refuses || random.nextBoolean()) {
                apply(type, resource);
            }
        }
        if (type.completeInStateOfTheWorld() && !(refuses && random.nextBoolean())) {
            removeAllBut(type, response);
        }
        XdsType child = type == XdsType.CLUSTER ? XdsType.ENDPOINT : XdsType.ROUTE;
        if (type.completeInStateOfTheWorld()) {
            request(child, false);
        }
        if (refuses) {
            XdsType told = type.completeInStateOfTheWorld() ? child : type;
            if (part(told).requested) {
                unsure.add(told);
            }
            stream.onRequest(
                    DiscoveryRequest.newBuilder()
                            .setTypeUrl(type.typeUrl())
                            .setVersionInfo(part.version)
                            .setResponseNonce(part.nonce)
                            .addAllResourceNames(part.asked)
                            .setErrorDetail(Status.newBuilder().setCode(3).setMessage("refused"))
                            .build(),
                    now);
        } else {
            unsure.remove(type);
            part.version = response.version();
            request(type, true);
        }
    }

    private void apply(XdsType type, XdsResource resource) {
        String before = part(type).held.get(resource.name());
        switch (type) {
            case CLUSTER -> {
                if (!resource.version().equals(before)) {
                    warming.add(resource.name());
                }
                part(type).held.put(resource.name(), resource.version());
            }
            case ENDPOINT -> {
                if (part(XdsType.CLUSTER).held.containsKey(resource.name())) {
                    warming.remove(resource.name());
                    part(type).held.put(resource.name(), resource.version());
                }
            }
            case LISTENER -> {
                draining.remove(resource.name());
                part(type).held.put(resource.name(), resource.version());
            }
            case ROUTE -> {
                if (part(type).asked.contains(resource.name())) {
                    part(type).held.put(resource.name(), resource.version());
                }
            }
            case SECRET -> throw new IllegalStateException("never asked for");
        }
    }

    private void removeAllBut(XdsType type, Outgoing response) {
        Set<String> gone = new TreeSet<>(part(type).held.keySet());
        response.resources().forEach(resource -> gone.remove(resource.name()));
        part(type).held.keySet().removeAll(gone);
        if (type == XdsType.CLUSTER) {
            part(XdsType.ENDPOINT).held.keySet().removeAll(gone);
            warming.removeAll(gone);
        } else {
            draining.addAll(gone);
        }
    }

    private void drain() {
        for (Outgoing next = stream.poll(now); next != null; next = stream.poll(now)) {
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

    void assertHoldsWhatThereIs() {
        for (XdsType type : parts.keySet()) {
            for (XdsResource resource : views.map(type).values()) {
                if (type.completeInStateOfTheWorld() || part(type).asked.contains(resource.name())) {
                    assertThat(part(type).held).as(type.shortName()).containsEntry(resource.name(), resource.version());
                }
            }
            if (type.completeInStateOfTheWorld()) {
                assertThat(part(type).held.keySet())
                        .as(type.shortName())
                        .isEqualTo(views.map(type).keySet());
            }
        }
        for (String name : views.map(XdsType.ENDPOINT).keySet()) {
            assertThat(warming).as("clusters that wait for their endpoints").doesNotContain(name);
        }
        assertThat(stream.status(now).state()).isEqualTo(StreamStatus.State.SYNCED);
    }

    /** Whether it was ever told of everything that it says it has. */
    boolean saysWhatItHas() {
        return parts.values().stream().noneMatch(part -> part.version.isEmpty() || part.held.isEmpty());
    }

    int sends() {
        return sends;
    }
}
