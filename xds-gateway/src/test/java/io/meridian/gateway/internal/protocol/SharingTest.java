package io.meridian.gateway.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.StringValue;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What many streams cost, counted. Responses, batches and sets of names are equal only if they are the same object. */
class SharingTest {
    private static final int STREAMS = 1000;
    private static final int SERVICES = 40;
    private static final ProtocolLimits SMALL_CHUNKS = new ProtocolLimits(
            1000,
            1000,
            ProtocolLimits.DEFAULT.waveLimit(),
            ProtocolLimits.DEFAULT.subscribeGrace(),
            ProtocolLimits.DEFAULT.firstRequestGrace());

    private final Sharing sharing = new Sharing("test", 1 << 24);
    private final Views views = new Views();

    /** A client that asks for all clusters, then by name for their endpoints in an order of its own, and acknowledges everything. */
    private final class Client {
        private final DeltaStream stream = new DeltaStream(true, sharing, SMALL_CHUNKS, 0);
        private final Map<XdsType, Map<String, String>> held = new HashMap<>();
        private final List<Outgoing> got = new ArrayList<>();

        private Client() {
            for (XdsType type : XdsType.values()) {
                held.put(type, new HashMap<>());
            }
        }

        private void connect(Random order) throws TooManyNamesException {
            stream.onView(views.view(), 0);
            ask(XdsType.CLUSTER, List.of());
            drain();
            List<String> names = new ArrayList<>(held(XdsType.CLUSTER).keySet());
            Collections.shuffle(names, order);
            ask(XdsType.ENDPOINT, names);
            ask(XdsType.LISTENER, List.of());
            drain();
        }

        private Map<String, String> held(XdsType type) {
            return held.getOrDefault(type, new HashMap<>());
        }

        private void ask(XdsType type, List<String> names) throws TooManyNamesException {
            stream.onRequest(
                    DeltaDiscoveryRequest.newBuilder()
                            .setTypeUrl(type.typeUrl())
                            .addAllResourceNamesSubscribe(names)
                            .putAllInitialResourceVersions(held(type))
                            .build(),
                    0);
        }

        private void show() throws TooManyNamesException {
            stream.onView(views.view(), 0);
            drain();
        }

        private void drain() throws TooManyNamesException {
            for (Outgoing next = stream.poll(0); next != null; next = stream.poll(0)) {
                got.add(next);
                XdsType type = ModelRun.typeOf(next);
                next.resources().forEach(resource -> held(type).put(resource.name(), resource.version()));
                next.removed().forEach(held(type)::remove);
                stream.onRequest(
                        DeltaDiscoveryRequest.newBuilder()
                                .setTypeUrl(next.typeUrl())
                                .setResponseNonce(next.nonce())
                                .build(),
                        0);
            }
        }

        private List<Outgoing> take() {
            List<Outgoing> taken = List.copyOf(got);
            got.clear();
            return taken;
        }
    }

    private List<Client> connected(int count) throws TooManyNamesException {
        for (int i = 0; i < SERVICES; i++) {
            views.with(XdsType.CLUSTER, "c" + i, "1").with(XdsType.ENDPOINT, "c" + i, "1");
        }
        List<Client> clients = new ArrayList<>();
        Random order = new Random(1);
        for (int i = 0; i < count; i++) {
            Client client = new Client();
            client.connect(order);
            clients.add(client);
        }
        return clients;
    }

    @Test
    void aThousandFirstConnectsComputeAndBuildWhatOneDoes() throws Exception {
        connected(1);
        long ofOne = sharing.steps().computed();
        long responsesOfOne = sharing.responses().made();

        List<Client> clients = connected(STREAMS);

        // connected() makes new content, which is computed once more.
        assertThat(sharing.steps().computed()).isLessThanOrEqualTo(2 * ofOne + 2);
        assertThat(sharing.responses().made()).isEqualTo(2 * responsesOfOne);
        List<Outgoing> first = clients.getFirst().take();
        assertThat(first).hasSizeGreaterThan(4);
        for (Client client : clients) {
            assertThat(client.held(XdsType.ENDPOINT)).hasSize(SERVICES);
            if (client != clients.getFirst()) {
                assertThat(client.take()).isEqualTo(first);
            }
        }
    }

    @Test
    void aResponsesBytesAreOneArrayForAllButTheFirst() throws Exception {
        List<Client> clients = connected(3);
        Outgoing response = clients.get(2).take().getFirst();

        assertThat(response.shared()).isNull();
        byte @Nullable [] second = response.shared();
        assertThat(second).isNotNull().isSameAs(response.shared());
        assertThat(second).hasSize(response.sizeBytes());
    }

    @Test
    void aPushToAThousandStreamsComputesOneDifferenceAndOneResponse() throws Exception {
        List<Client> clients = connected(STREAMS);
        clients.forEach(Client::take);
        long steps = sharing.steps().computed();
        long responses = sharing.responses().made();
        int differences = sharing.differences().size();

        views.with(XdsType.ENDPOINT, "c7", "2");
        for (Client client : clients) {
            client.show();
        }

        assertThat(sharing.differences().size()).isEqualTo(differences + 1);
        assertThat(sharing.responses().made()).isEqualTo(responses + 1);
        // The view, the response.
        assertThat(sharing.steps().computed()).isEqualTo(steps + 2);
        Set<Outgoing> sent = new HashSet<>();
        for (Client client : clients) {
            List<Outgoing> got = client.take();
            assertThat(got).hasSize(1);
            sent.addAll(got);
        }
        assertThat(sent).hasSize(1);
    }

    @Test
    void streamsWithTheSameNamesHaveOneSetOfThemWhateverTheOrder() throws Exception {
        List<Client> clients = connected(10);

        assertThat(clients)
                .extracting(client -> client.stream.channel(XdsType.ENDPOINT).names())
                .containsOnly(
                        clients.getFirst().stream.channel(XdsType.ENDPOINT).names());
    }

    @Test
    void oneThatSubscribedStepByStepComesToShareTheSet() throws Exception {
        Client whole = connected(1).getFirst();
        Client gradual = new Client();
        gradual.stream.onView(views.view(), 0);
        for (String name : whole.held(XdsType.ENDPOINT).keySet()) {
            gradual.ask(XdsType.ENDPOINT, List.of(name));
            gradual.drain();
        }

        assertThat(gradual.stream.channel(XdsType.ENDPOINT).names())
                .isSameAs(whole.stream.channel(XdsType.ENDPOINT).names());
    }

    @Test
    void streamsOfDifferentNamesShareTheResponseThatBothNeed() throws Exception {
        Client all = connected(1).getFirst();
        Client one = new Client();
        one.stream.onView(views.view(), 0);
        one.ask(XdsType.ENDPOINT, List.of("c7"));
        one.drain();
        all.take();
        one.take();

        views.with(XdsType.ENDPOINT, "c7", "2");
        all.show();
        one.show();

        assertThat(one.take().getFirst()).isSameAs(all.take().getFirst());
    }

    @Test
    void aContentThatComesAgainComesWithANonceThatTheStreamNeverHad() throws Exception {
        List<Client> clients = connected(2);
        var before = views.map(XdsType.ENDPOINT);
        var after =
                before.plus("c7", XdsResource.of(XdsType.ENDPOINT, "c7", StringValue.of("other"), views.position()));
        for (int round = 0; round < 5; round++) {
            for (var map : List.of(after, before)) {
                views.show(XdsType.ENDPOINT, map);
                for (Client client : clients) {
                    client.show();
                }
            }
        }

        for (Client client : clients) {
            assertThat(client.take())
                    .hasSizeGreaterThan(10)
                    .extracting(Outgoing::nonce)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void whatIsForgottenIsComputedAgainAndStreamsStillShare() throws Exception {
        List<Client> clients = connected(4);
        clients.forEach(Client::take);
        sharing.forgetIfIdle();
        sharing.forgetIfIdle();
        assertThat(sharing.differences().size()).isZero();

        views.with(XdsType.ENDPOINT, "c7", "2");
        for (Client client : clients) {
            client.show();
        }

        Outgoing first = clients.getFirst().take().getFirst();
        assertThat(clients.getLast().take()).containsExactly(first);
    }

    @Test
    void aThousandThatComeBackComputeWhatOneDoesAndGetNothing() throws Exception {
        Client before = connected(1).getFirst();
        before.take();
        long steps = -1;
        for (int i = 0; i < STREAMS; i++) {
            Client again = new Client();
            again.held.putAll(before.held);
            again.stream.onView(views.view(), 0);
            again.ask(XdsType.CLUSTER, List.of());
            again.ask(
                    XdsType.ENDPOINT, List.copyOf(before.held(XdsType.ENDPOINT).keySet()));
            again.ask(XdsType.LISTENER, List.of("*"));
            again.drain();
            assertThat(again.take()).allMatch(response -> response.resources().isEmpty());
            steps = i == 0 ? sharing.steps().computed() : steps;
        }

        assertThat(sharing.steps().computed()).isEqualTo(steps);
    }

    @Test
    void theBytesAreTheMessageWhetherWrittenInPiecesOrAtOnce() throws Exception {
        Outgoing delta = connected(1).getFirst().take().getFirst();
        for (int i = 0; i < 2; i++) {
            DeltaDiscoveryResponse parsed = DeltaDiscoveryResponse.parseFrom(written(delta));
            assertThat(parsed.getNonce()).isEqualTo(delta.nonce());
            assertThat(parsed.getSystemVersionInfo()).isEqualTo(delta.version());
            assertThat(parsed.getTypeUrl()).isEqualTo(delta.typeUrl());
            assertThat(parsed.getControlPlane().getIdentifier()).isEqualTo("test");
            assertThat(parsed.getResourcesList())
                    .extracting(Resource::toByteString)
                    .isEqualTo(
                            delta.resources().stream().map(XdsResource::delta).toList());
        }
        StateOfTheWorldStream world = new StateOfTheWorldStream(false, sharing, SMALL_CHUNKS, 0);
        world.onView(views.view(), 0);
        world.onRequest(
                DiscoveryRequest.newBuilder()
                        .setTypeUrl(XdsType.CLUSTER.typeUrl())
                        .build(),
                0);
        Outgoing all = world.poll(0);
        assertThat(all).isNotNull();
        if (all != null) {
            for (int i = 0; i < 2; i++) {
                DiscoveryResponse parsed = DiscoveryResponse.parseFrom(written(all));
                assertThat(parsed.getVersionInfo()).isEqualTo(all.version());
                assertThat(parsed.getResourcesCount()).isEqualTo(SERVICES);
                assertThat(parsed.getNonce()).isEqualTo(all.nonce());
            }
        }
    }

    private static ByteString written(Outgoing response) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        response.writeTo(out);
        assertThat(out.size()).isEqualTo(response.sizeBytes());
        return ByteString.copyFrom(out.toByteArray());
    }
}
