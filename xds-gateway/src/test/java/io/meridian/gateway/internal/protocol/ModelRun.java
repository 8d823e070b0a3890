package io.meridian.gateway.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.fixture.ModelClient;
import io.meridian.gateway.fixture.ModelDeltaClient;
import io.meridian.gateway.fixture.ModelResponse;
import io.meridian.gateway.fixture.ModelStateOfTheWorldClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One history of a {@link ModelClient} at the state machines, without a wire, and of what there is for it; time is a number. */
abstract class ModelRun<S extends DiscoveryStream, Q> {
    /** Small enough that some responses are parted. */
    static final ProtocolLimits LIMITS =
            new ProtocolLimits(1000, 60, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(15));

    private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f");
    private static final int MOST_ROUNDS = 400;

    final ModelClient<Q> client;
    private final Random random;
    /** Whether the server takes it for one that asks for all that its clusters and listeners refer to, which it may not. */
    private final boolean envoy;

    private final Views views = new Views();
    private final Sharing sharing = new Sharing("test", 1 << 20);
    private final Deque<ModelResponse> inbox = new ArrayDeque<>();
    private S stream;
    private long now;
    private int sends;

    private ModelRun(Random random, ModelClient<Q> client) {
        this.random = random;
        this.client = client;
        envoy = random.nextBoolean();
        stream = open(envoy, sharing, now);
        client.connect(this::request);
    }

    static ModelRun<?, ?> delta(long seed) {
        Random random = new Random(seed);
        return new ModelRun<DeltaStream, DeltaDiscoveryRequest>(random, new ModelDeltaClient(random)) {
            @Override
            DeltaStream open(boolean envoy, Sharing sharing, long now) {
                return new DeltaStream(envoy, sharing, LIMITS, now);
            }

            @Override
            void request(DeltaStream stream, DeltaDiscoveryRequest request, long now) throws TooManyNamesException {
                stream.onRequest(request, now);
            }
        };
    }

    static ModelRun<?, ?> stateOfTheWorld(long seed) {
        Random random = new Random(seed);
        return new ModelRun<StateOfTheWorldStream, DiscoveryRequest>(random, new ModelStateOfTheWorldClient(random)) {
            @Override
            StateOfTheWorldStream open(boolean envoy, Sharing sharing, long now) {
                return new StateOfTheWorldStream(envoy, sharing, LIMITS, now);
            }

            @Override
            void request(StateOfTheWorldStream stream, DiscoveryRequest request, long now)
                    throws TooManyNamesException {
                stream.onRequest(request, now);
            }
        };
    }

    abstract S open(boolean envoy, Sharing sharing, long now);

    abstract void request(S stream, Q request, long now) throws TooManyNamesException;

    private void request(Q request) {
        try {
            request(stream, request, now);
        } catch (TooManyNamesException e) {
            throw new AssertionError(e);
        }
    }

    /** One random thing happens. */
    void act() {
        XdsType type = client.anyType();
        String name = NAMES.get(random.nextInt(NAMES.size()));
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> views.with(type, name, Integer.toString(random.nextInt(3)));
            case 4 -> views.without(type, name);
            case 5 -> views.elsewhere();
            case 6, 7, 8, 9 -> client.whim(type, name);
            case 10 -> reconnect();
            case 11 -> {
                now += Duration.ofMillis(700).toNanos();
                sharing.forgetIfIdle();
            }
            case 12, 13, 14 -> stream.onView(views.view(), now);
            default -> hear(random.nextInt(6) == 0);
        }
        drain();
        // Asked at any time, so that what is remembered of an answer counts for the next.
        assertThat(stream.status(now)).isNotNull();
    }

    private void reconnect() {
        inbox.clear();
        stream = open(envoy, sharing, now);
        if (random.nextBoolean()) {
            stream.onView(views.view(), now);
        }
        client.connect(this::request);
    }

    private void hear(boolean refuses) {
        ModelResponse response = inbox.poll();
        if (response != null) {
            client.hear(response, refuses);
        }
    }

    private void drain() {
        for (Outgoing next = stream.poll(now); next != null; next = stream.poll(now)) {
            ModelResponse response = response(next);
            assertThat(inbox).as("one response in flight per type").noneMatch(other -> other.type() == response.type());
            inbox.add(response);
            sends++;
        }
    }

    private static ModelResponse response(Outgoing sent) {
        Map<String, String> resources = new LinkedHashMap<>();
        for (XdsResource resource : sent.resources()) {
            assertThat(resources.put(resource.name(), resource.version()))
                    .as("no name twice")
                    .isNull();
        }
        return new ModelResponse(typeOf(sent), sent.nonce(), sent.version(), resources, sent.removed());
    }

    static XdsType typeOf(Outgoing response) {
        XdsType type = response.type();
        if (type == null) {
            throw new IllegalStateException();
        }
        return type;
    }

    /** Everything is delivered and accepted until nothing more comes, and the stream does not want to be asked again. */
    void settle() {
        stream.onView(views.view(), now);
        long wake = now;
        for (int round = 0; wake != Long.MAX_VALUE; round++) {
            assertThat(round).as("the stream comes to rest").isLessThan(MOST_ROUNDS);
            now = Math.max(now, wake);
            drain();
            while (!inbox.isEmpty()) {
                hear(false);
                drain();
            }
            wake = stream.wakeAtNanos(now);
        }
    }

    /** It holds what it wants of what there is, but for what it refused itself, and that is what its status says. */
    void assertConverged() {
        var there = views.view().resources();
        client.assertHolds(there);
        StreamStatus status = stream.status(now);
        if (client.lacks(there)) {
            assertThat(status.state()).isEqualTo(StreamStatus.State.REJECTED);
        } else if (client.asksForSomething()) {
            assertThat(status.state()).isIn(StreamStatus.State.SYNCED, StreamStatus.State.REJECTED);
        }
        if (status.state() == StreamStatus.State.SYNCED) {
            assertThat(status.acknowledged()).isEqualTo(views.position());
            status.types()
                    .forEach(type -> assertThat(type.resources())
                            .as("resources of %s", type.type())
                            .isEqualTo(client.wanted(type.type(), there).size()));
        }
    }

    /** How many responses it is sent by a gateway that it never saw. */
    int sendsAfterReconnect() {
        int before = sends;
        reconnect();
        settle();
        return sends - before;
    }
}
