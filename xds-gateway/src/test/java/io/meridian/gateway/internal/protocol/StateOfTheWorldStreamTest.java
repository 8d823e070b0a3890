package io.meridian.gateway.internal.protocol;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The rules of the state-of-the-world variant, one by one. In quotes: the sections of the xDS protocol's specification ("xDS REST and gRPC
 * protocol" of Envoy's documentation) that they come from.
 */
class StateOfTheWorldStreamTest {
    private static final ProtocolLimits LIMITS =
            new ProtocolLimits(1000, 100_000, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(15));
    private final Views views = new Views();
    private StateOfTheWorldStream stream = open();

    private static StateOfTheWorldStream open() {
        return open(LIMITS);
    }

    private static StateOfTheWorldStream open(ProtocolLimits limits) {
        return new StateOfTheWorldStream(false, new Sharing("test", 1 << 20), limits, 0);
    }

    /** "How the client specifies what resources to return". */
    @Test
    void withoutNamesMeansEverythingUntilANameWasNamed() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1").with(XdsType.CLUSTER, "b", "1"));
        ask(XdsType.CLUSTER, "", List.of());
        Outgoing all = sent();
        assertThat(names(all)).containsExactly("a", "b");

        ask(XdsType.CLUSTER, all.nonce(), List.of("a"));
        Outgoing one = sent();
        assertThat(names(one)).containsExactly("a");

        ask(XdsType.CLUSTER, one.nonce(), List.of());
        show(views.with(XdsType.CLUSTER, "a", "2"));
        assertThat(next()).as("no names unsubscribe all by now").isNull();
    }

    /** As above; only listeners and clusters have a wildcard. */
    @Test
    void withoutNamesEndpointsAndRoutesAreNotEverything() throws Exception {
        show(views.with(XdsType.ENDPOINT, "a", "1").with(XdsType.ROUTE, "r", "1"));

        ask(XdsType.ENDPOINT, "", List.of());
        ask(XdsType.ROUTE, "", List.of());

        assertThat(next()).isNull();
    }

    /** "How the client specifies what resources to return": its example of four requests. */
    @Test
    void namingAResourceAddsItToTheWildcardThatWasThereWithoutNames() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1").with(XdsType.CLUSTER, "b", "1"));
        ask(XdsType.CLUSTER, "", List.of());
        Outgoing all = sent();

        ask(XdsType.CLUSTER, all.nonce(), List.of("*", "a"));
        Outgoing again = sent();
        assertThat(names(again)).containsExactly("a", "b");
        acknowledge(again, List.of("*", "a"));
        show(views.with(XdsType.CLUSTER, "b", "2"));
        Outgoing changed = sent();
        assertThat(names(changed)).as("the wildcard still holds").containsExactly("a", "b");

        acknowledge(changed, List.of("a"));
        show(views.with(XdsType.CLUSTER, "b", "3"));
        assertThat(next()).as("without it only what is named counts").isNull();
        show(views.with(XdsType.CLUSTER, "a", "2"));
        Outgoing named = sent();
        assertThat(names(named)).containsExactly("a");

        acknowledge(named, List.of());
        show(views.with(XdsType.CLUSTER, "a", "3"));
        assertThat(next()).as("no names mean none, this time").isNull();
    }

    /** As above. */
    @Test
    void aWildcardThatIsLeftOutIsDropped() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1"));
        ask(XdsType.CLUSTER, "", List.of("*", "a"));
        Outgoing all = sent();
        ask(XdsType.CLUSTER, all.nonce(), List.of("a"));

        show(views.with(XdsType.CLUSTER, "b", "1"));

        assertThat(next()).isNull();
    }

    /** "Grouping Resources into Responses"; the endpoints of a changed cluster are "Resource warming". */
    @Test
    void clustersAreAlwaysCompleteAndEndpointsMayBeInPart() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1")
                .with(XdsType.CLUSTER, "b", "1")
                .with(XdsType.ENDPOINT, "a", "1")
                .with(XdsType.ENDPOINT, "b", "1"));
        ask(XdsType.CLUSTER, "", List.of());
        acknowledge(sent(), List.of());
        ask(XdsType.ENDPOINT, "", List.of("a", "b"));
        acknowledge(sent(), List.of("a", "b"));

        show(views.with(XdsType.CLUSTER, "b", "2"));
        Outgoing clusters = sent();
        assertThat(names(clusters)).containsExactly("a", "b");
        acknowledge(clusters, List.of());
        Outgoing endpoints = sent();
        assertThat(names(endpoints)).as("the changed cluster warms on them").containsExactly("b");
    }

    /** "Grouping Resources into Responses". */
    @Test
    void listenersAreAlwaysCompleteAndRoutesMayBeInPart() throws Exception {
        show(views.with(XdsType.LISTENER, "a", "1")
                .with(XdsType.LISTENER, "b", "1")
                .with(XdsType.ROUTE, "a", "1")
                .with(XdsType.ROUTE, "b", "1"));
        ask(XdsType.LISTENER, "", List.of("a", "b"));
        acknowledge(sent(), List.of("a", "b"));
        ask(XdsType.ROUTE, "", List.of("a", "b"));
        acknowledge(sent(), List.of("a", "b"));

        show(views.with(XdsType.LISTENER, "b", "2").with(XdsType.ROUTE, "b", "2"));

        Outgoing listeners = sent();
        assertThat(names(listeners)).containsExactly("a", "b");
        acknowledge(listeners, List.of("a", "b"));
        Outgoing routes = sent();
        assertThat(names(routes)).containsExactly("b");
    }

    /** As above. */
    @Test
    void clustersAreNeverPartedHoweverManyTheyAreAndEndpointsAre() throws Exception {
        stream = open(ModelRun.LIMITS);
        for (int i = 0; i < 10; i++) {
            views.with(XdsType.CLUSTER, "c" + i, "1").with(XdsType.ENDPOINT, "c" + i, "1");
        }
        show(views);
        ask(XdsType.CLUSTER, "", List.of());
        Outgoing clusters = sent();
        assertThat(clusters.resources()).hasSize(10);
        acknowledge(clusters, List.of());

        List<String> all = names(clusters);
        ask(XdsType.ENDPOINT, "", all);
        List<String> got = new ArrayList<>();
        for (Outgoing part = next(); part != null; part = next()) {
            assertThat(part.resources()).hasSizeLessThan(10);
            got.addAll(names(part));
            acknowledge(part, all);
        }
        assertThat(got).containsExactlyElementsOf(all);
    }

    /** "Deleting Resources": what is absent goes, and of routes nothing can say so. */
    @Test
    void aResponseWithoutListenersDeletesTheLastAndTheEndOfARouteIsNotTold() throws Exception {
        show(views.with(XdsType.LISTENER, "a", "1").with(XdsType.ROUTE, "a", "1"));
        ask(XdsType.LISTENER, "", List.of());
        acknowledge(sent(), List.of());
        ask(XdsType.ROUTE, "", List.of("a"));
        acknowledge(sent(), List.of("a"));

        show(views.without(XdsType.LISTENER, "a").without(XdsType.ROUTE, "a"));

        Outgoing none = sent();
        assertThat(none.type()).isEqualTo(XdsType.LISTENER);
        assertThat(none.resources()).isEmpty();
        acknowledge(none, List.of());
        assertThat(next()).isNull();
        assertThat(stream.status(0).state()).isEqualTo(StreamStatus.State.SYNCED);
    }

    /** The cluster's removal waits for the route, of which there is nothing to say: nothing that comes later would end that wait. */
    @Test
    void aClusterThatGoesTogetherWithARouteIsDeletedAtOnce() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1").with(XdsType.ROUTE, "r", "1"));
        ask(XdsType.CLUSTER, "", List.of("a"));
        acknowledge(sent(), List.of("a"));
        ask(XdsType.ROUTE, "", List.of("r"));
        acknowledge(sent(), List.of("r"));

        show(views.without(XdsType.CLUSTER, "a").without(XdsType.ROUTE, "r"));

        Outgoing none = sent();
        assertThat(none.type()).isEqualTo(XdsType.CLUSTER);
        assertThat(none.resources()).isEmpty();
    }

    /** It gets the response that was on its way, and keeps what it tells: it has taken up the wildcard again by then. */
    @Test
    void whatIsGoneIsDeletedEvenIfTheWildcardWasDroppedAndTakenUpAgainMeanwhile() throws Exception {
        show(views);
        ask(XdsType.CLUSTER, "", List.of("*"));
        Outgoing before = sent();
        acknowledge(before, List.of("*"));
        show(views.with(XdsType.CLUSTER, "a", "1"));
        Outgoing crossing = sent();
        ask(XdsType.CLUSTER, before.nonce(), List.of("b"));
        ask(XdsType.CLUSTER, before.nonce(), List.of("*"));
        show(views.without(XdsType.CLUSTER, "a"));

        acknowledge(crossing, List.of("*"));

        assertThat(sent().resources()).isEmpty();
    }

    /** "Eventual consistency considerations": make before break. */
    @Test
    void aRemovedClusterStaysUntilRoutesHaveLeftIt() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1")
                .with(XdsType.CLUSTER, "b", "1")
                .with(XdsType.ROUTE, "r", "1"));
        ask(XdsType.CLUSTER, "", List.of());
        acknowledge(sent(), List.of());
        ask(XdsType.ROUTE, "", List.of("r"));
        acknowledge(sent(), List.of("r"));

        show(views.without(XdsType.CLUSTER, "a").with(XdsType.CLUSTER, "c", "1").with(XdsType.ROUTE, "r", "2"));

        Outgoing first = sent();
        assertThat(names(first)).containsExactlyInAnyOrder("a", "b", "c");
        acknowledge(first, List.of());
        Outgoing routes = sent();
        assertThat(names(routes)).containsExactly("r");
        acknowledge(routes, List.of("r"));
        assertThat(names(sent())).containsExactly("b", "c");
    }

    @Test
    void aRemovedClusterThatIsNamedMeanwhileStaysAsLong() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1").with(XdsType.ROUTE, "r", "1"));
        ask(XdsType.CLUSTER, "", List.of("*"));
        acknowledge(sent(), List.of("*"));
        ask(XdsType.ROUTE, "", List.of("r"));
        acknowledge(sent(), List.of("r"));

        show(views.without(XdsType.CLUSTER, "a").with(XdsType.CLUSTER, "b", "1").with(XdsType.ROUTE, "r", "2"));

        acknowledge(sent(), List.of("*", "a"));
        Outgoing again = sent();
        assertThat(names(again)).containsExactlyInAnyOrder("a", "b");
        acknowledge(again, List.of("*", "a"));
        acknowledge(sent(), List.of("r"));
        assertThat(names(sent())).containsExactly("b");
    }

    /** "Resource updates". */
    @Test
    void aStaleNonceIsNotAnswered() throws Exception {
        show(views.with(XdsType.ENDPOINT, "a", "1").with(XdsType.ENDPOINT, "b", "1"));
        ask(XdsType.ENDPOINT, "", List.of("a"));
        acknowledge(sent(), List.of("a"));

        ask(XdsType.ENDPOINT, "stale", List.of("a", "b"));

        assertThat(next()).isNull();
    }

    /** "How the client specifies what resources to return": what was dropped in between has to be sent again. */
    @Test
    void whatARequestThatCrossedAResponseLeftOutIsSentAgainOnceItIsBack() throws Exception {
        show(views.with(XdsType.ENDPOINT, "a", "1").with(XdsType.ENDPOINT, "b", "1"));
        ask(XdsType.ENDPOINT, "", List.of("a", "b"));
        Outgoing first = sent();
        acknowledge(first, List.of("a", "b"));
        show(views.with(XdsType.ENDPOINT, "b", "2"));
        Outgoing second = sent();

        ask(XdsType.ENDPOINT, first.nonce(), List.of("b"));
        assertThat(next()).isNull();
        acknowledge(second, List.of("a", "b"));

        assertThat(names(sent())).containsExactly("a");
    }

    /** "Basic Protocol Overview": a nonce does not survive its stream. */
    @Test
    void aNonceOfAnEarlierStreamDoesNotKeepTheFirstRequestFromItsAnswer() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1").with(XdsType.ENDPOINT, "a", "1"));
        ask(XdsType.CLUSTER, "", List.of());
        String nonce = sent().nonce();

        stream = open();
        show(views);
        ask(XdsType.CLUSTER, nonce, List.of());
        ask(XdsType.ENDPOINT, nonce, List.of("a"));

        assertThat(names(sent())).containsExactly("a");
        assertThat(names(sent())).containsExactly("a");
    }

    /** "Duplicate Resource Names". */
    @Test
    void aNameThatIsAskedForTwiceIsSentOnce() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1").with(XdsType.ENDPOINT, "a", "1"));

        ask(XdsType.CLUSTER, "", List.of("a", "*", "a"));
        ask(XdsType.ENDPOINT, "", List.of("a", "a"));

        assertThat(names(sent())).containsExactly("a");
        assertThat(names(sent())).containsExactly("a");
    }

    /** "How the client specifies what resources to return". */
    @Test
    void aNewlyNamedResourceIsSentAndOneThatComesBackIsSentAgain() throws Exception {
        show(views.with(XdsType.ENDPOINT, "a", "1").with(XdsType.ENDPOINT, "b", "1"));
        ask(XdsType.ENDPOINT, "", List.of("a"));
        Outgoing first = sent();
        ask(XdsType.ENDPOINT, first.nonce(), List.of("a", "b"));
        Outgoing second = sent();
        assertThat(names(second)).containsExactly("b");
        ask(XdsType.ENDPOINT, second.nonce(), List.of("b"));
        assertThat(next()).isNull();

        ask(XdsType.ENDPOINT, second.nonce(), List.of("a", "b"));

        assertThat(names(sent())).containsExactly("a");
    }

    /** "Knowing When a Requested Resource Does Not Exist": the name is remembered. */
    @Test
    void aRouteThatDoesNotExistIsSentOnceItDoes() throws Exception {
        show(views);

        ask(XdsType.ROUTE, "", List.of("r"));

        assertThat(next()).as("there is no way to say that it is not there").isNull();
        show(views.with(XdsType.ROUTE, "r", "1"));
        assertThat(names(sent())).containsExactly("r");
    }

    /** As above; gRFC A27: a listener that is asked for by name. */
    @Test
    void anUnknownListenerIsAnsweredByItsAbsence() throws Exception {
        show(views);

        ask(XdsType.LISTENER, "", List.of("greeter:80"));

        Outgoing answer = sent();
        assertThat(answer.resources()).isEmpty();
        acknowledge(answer, List.of("greeter:80"));
        show(views.with(XdsType.LISTENER, "greeter:80", "1"));
        assertThat(names(sent())).containsExactly("greeter:80");
    }

    /** "ACK/NACK and resource type instance version": it may be right to answer with an earlier version. */
    @Test
    void anEarlierVersionWithoutAnErrorIsNoRefusal() throws Exception {
        show(views.with(XdsType.ROUTE, "r", "1"));
        ask(XdsType.ROUTE, "", List.of("r"));
        Outgoing response = sent();

        Unanswered inFlight = requireNonNull(stream.unanswered(XdsType.ROUTE));

        Heard heard = stream.onRequest(
                DiscoveryRequest.newBuilder()
                        .setTypeUrl(XdsType.ROUTE.typeUrl())
                        .setVersionInfo("earlier")
                        .setResponseNonce(response.nonce())
                        .addResourceNames("r")
                        .build(),
                0);

        assertThat(heard).isEqualTo(new Heard.Acknowledged(XdsType.ROUTE, inFlight));
        assertThat(stream.status(0).state()).isEqualTo(StreamStatus.State.SYNCED);
    }

    /** "ACK and NACK semantics summary"; that nothing is sent twice is "When to send an update". */
    @Test
    void aRefusalIsKnownByItsErrorAndTheSameIsNotSentAgain() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1"));
        ask(XdsType.CLUSTER, "", List.of());
        Outgoing response = sent();

        // The version is the new one: that does not make it an acknowledgement.
        Unanswered inFlight = requireNonNull(stream.unanswered(XdsType.CLUSTER));

        Heard heard = stream.onRequest(
                DiscoveryRequest.newBuilder()
                        .setTypeUrl(XdsType.CLUSTER.typeUrl())
                        .setVersionInfo(response.version())
                        .setResponseNonce(response.nonce())
                        .setErrorDetail(Status.newBuilder().setMessage("no"))
                        .build(),
                0);

        assertThat(heard).isEqualTo(new Heard.Refused(XdsType.CLUSTER, inFlight, "no"));
        assertThat(next()).isNull();
        assertThat(stream.status(0).state()).isEqualTo(StreamStatus.State.REJECTED);
        show(views.with(XdsType.CLUSTER, "a", "2"));
        acknowledge(sent(), List.of());
        assertThat(stream.status(0).state()).isEqualTo(StreamStatus.State.SYNCED);
    }

    /** "ACK/NACK and resource type instance version": the version is one of the resources, not of the stream. */
    @Test
    void anyGatewayRecognisesAClientThatComesBackWithEverything() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1").with(XdsType.CLUSTER, "b", "1"));
        ask(XdsType.CLUSTER, "", List.of());
        Outgoing all = sent();

        StateOfTheWorldStream other = open();
        other.onRequest(
                DiscoveryRequest.newBuilder()
                        .setTypeUrl(XdsType.CLUSTER.typeUrl())
                        .setVersionInfo(all.version())
                        .build(),
                0);
        other.onView(views.view(), 0);

        assertThat(other.poll(0)).isNull();
        assertThat(other.status(0).state()).isEqualTo(StreamStatus.State.SYNCED);
        other.onView(views.with(XdsType.CLUSTER, "b", "2").view(), 0);
        assertThat(other.poll(0)).isNotNull();
    }

    @Test
    void aClientThatComesBackIsToldEndpointsAndRoutesAgainWhateverVersionItNames() throws Exception {
        show(views.with(XdsType.ENDPOINT, "a", "1").with(XdsType.ROUTE, "r", "1"));
        Map<XdsType, String> names = Map.of(XdsType.ENDPOINT, "a", XdsType.ROUTE, "r");
        Map<XdsType, String> versions = new EnumMap<>(XdsType.class);
        for (XdsType type : List.of(XdsType.ENDPOINT, XdsType.ROUTE)) {
            ask(type, "", List.of(names.get(type)));
            Outgoing response = sent();
            versions.put(type, response.version());
            acknowledge(response, List.of(names.get(type)));
        }

        stream = open();
        show(views);
        for (XdsType type : List.of(XdsType.ENDPOINT, XdsType.ROUTE)) {
            stream.onRequest(
                    DiscoveryRequest.newBuilder()
                            .setTypeUrl(type.typeUrl())
                            .setVersionInfo(versions.get(type))
                            .addResourceNames(names.get(type))
                            .build(),
                    0);

            // It may have dropped it and asked for it again since: ReturningEnvoyIT.
            Outgoing again = sent();
            assertThat(names(again)).containsExactly(names.get(type));
            acknowledge(again, List.of(names.get(type)));
        }
    }

    private void show(Views shown) {
        stream.onView(shown.view(), 0);
    }

    private void ask(XdsType type, String nonce, List<String> names) throws TooManyNamesException {
        stream.onRequest(
                DiscoveryRequest.newBuilder()
                        .setTypeUrl(type.typeUrl())
                        .setResponseNonce(nonce)
                        .addAllResourceNames(names)
                        .build(),
                0);
    }

    private void acknowledge(Outgoing response, List<String> names) throws TooManyNamesException {
        Heard heard = stream.onRequest(
                DiscoveryRequest.newBuilder()
                        .setTypeUrl(response.typeUrl())
                        .setVersionInfo(response.version())
                        .setResponseNonce(response.nonce())
                        .addAllResourceNames(names)
                        .build(),
                0);
        assertThat(heard).isInstanceOf(Heard.Acknowledged.class);
    }

    private @Nullable Outgoing next() {
        return stream.poll(0);
    }

    private Outgoing sent() {
        Outgoing next = next();
        if (next == null) {
            throw new AssertionError("nothing is sent");
        }
        return next;
    }

    private static List<String> names(Outgoing response) {
        return response.resources().stream().map(XdsResource::name).toList();
    }
}
