package io.meridian.gateway.internal.protocol;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The rules of the delta variant, one by one. In quotes: the sections of the xDS protocol's specification ("xDS REST and gRPC protocol" of
 * Envoy's documentation) that they come from.
 */
class DeltaStreamTest {
    private static final ProtocolLimits LIMITS =
            new ProtocolLimits(1000, 100_000, Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(15));

    private final Views views = new Views();
    private DeltaStream stream = open(true, LIMITS);
    private long now;

    private DeltaStream open(boolean envoy, ProtocolLimits limits) {
        return new DeltaStream(envoy, new Sharing("test", 1 << 20), limits, now);
    }

    /** "How the client specifies what resources to return". */
    @Test
    void aFirstRequestWithoutNamesMeansEverything() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1").with(XdsType.CLUSTER, "b", "1"));

        ask(XdsType.CLUSTER, List.of());

        assertThat(names(next())).containsExactly("a", "b");
        assertThat(next()).isNull();
    }

    @Test
    void everythingOfNothingIsAnsweredOnce() throws Exception {
        show(views);

        ask(XdsType.CLUSTER, List.of());

        Outgoing answer = sent();
        assertThat(answer.resources()).isEmpty();
        assertThat(answer.removed()).isEmpty();
        acknowledge(answer);
        assertThat(next()).isNull();
    }

    /** As above; only listeners and clusters have a wildcard. */
    @Test
    void withoutNamesEndpointsAreNotEverything() throws Exception {
        show(views.with(XdsType.ENDPOINT, "a", "1"));

        ask(XdsType.ENDPOINT, List.of());

        assertThat(next()).isNull();
    }

    /** "How the client specifies what resources to return": its example of four requests. */
    @Test
    void namesAndTheWildcardComeAndGoApart() throws Exception {
        stream = open(false, LIMITS);
        show(views.with(XdsType.CLUSTER, "a", "1").with(XdsType.CLUSTER, "b", "1"));
        ask(XdsType.CLUSTER, List.of());
        acknowledge(sent());

        ask(XdsType.CLUSTER, List.of("a"));
        Outgoing named = sent();
        assertThat(names(named)).containsExactly("a");
        acknowledge(named);
        show(views.with(XdsType.CLUSTER, "b", "2"));
        Outgoing other = sent();
        assertThat(names(other)).as("the wildcard still holds").containsExactly("b");
        acknowledge(other);

        unsubscribe(XdsType.CLUSTER, List.of("*"), "");
        show(views.with(XdsType.CLUSTER, "b", "3"));
        assertThat(next()).as("without it only what is named counts").isNull();
        show(views.with(XdsType.CLUSTER, "a", "2"));
        Outgoing changed = sent();
        assertThat(names(changed)).containsExactly("a");
        acknowledge(changed);

        unsubscribe(XdsType.CLUSTER, List.of("a"), "");
        show(views.with(XdsType.CLUSTER, "a", "3"));
        assertThat(next()).as("no names mean none, this time").isNull();
    }

    /** "Incremental xDS": initial_resource_versions. What they name may be gone; that is told last ("Eventual consistency considerations"). */
    @Test
    void whatAReturningClientHoldsIsNotSentAgainAndWhatIsGoneIsRemoved() throws Exception {
        show(views.with(XdsType.CLUSTER, "same", "1").with(XdsType.CLUSTER, "other", "2"));

        stream.onRequest(
                request(XdsType.CLUSTER)
                        .putAllInitialResourceVersions(
                                Map.of("same", views.version(XdsType.CLUSTER, "same"), "other", "old", "gone", "old"))
                        .build(),
                now);

        Outgoing response = sent();
        assertThat(names(response)).containsExactly("other");
        assertThat(response.removed()).isEmpty();
        acknowledge(response);
        assertThat(next()).as("its listeners may still refer to what is gone").isNull();
        now = stream.wakeAtNanos(now);
        Outgoing removal = sent();
        assertThat(removal.resources()).isEmpty();
        assertThat(removal.removed()).containsExactly("gone");
    }

    /** "Incremental xDS": initial_resource_versions. */
    @Test
    void aReturningClientThatHoldsAllGetsNothingAndIsInSync() throws Exception {
        stream = open(false, LIMITS);
        show(views.with(XdsType.CLUSTER, "a", "1"));

        stream.onRequest(
                request(XdsType.CLUSTER)
                        .putInitialResourceVersions("a", views.version(XdsType.CLUSTER, "a"))
                        .build(),
                now);

        assertThat(next()).isNull();
        assertThat(stream.status(now).state()).isEqualTo(StreamStatus.State.SYNCED);
        assertThat(stream.status(now).acknowledged()).isEqualTo(views.position());
    }

    /** As above, of a type without a wildcard: a name that it asks for and holds is not the later subscription that is always answered. */
    @Test
    void aReturningClientThatNamesWhatItHoldsGetsWhatDiffers() throws Exception {
        stream = open(false, LIMITS);
        show(views.with(XdsType.ROUTE, "same", "1").with(XdsType.ROUTE, "other", "2"));

        stream.onRequest(
                request(XdsType.ROUTE)
                        .addAllResourceNamesSubscribe(List.of("same", "other", "gone"))
                        .putAllInitialResourceVersions(
                                Map.of("same", views.version(XdsType.ROUTE, "same"), "other", "old", "gone", "old"))
                        .build(),
                now);

        Outgoing response = sent();
        assertThat(names(response)).containsExactly("other");
        assertThat(response.removed()).containsExactly("gone");
        acknowledge(response);
        assertThat(next()).isNull();
    }

    /** "Deleting Resources": what the client does not ask for it does not have to be told about, even if it says that it holds it. */
    @Test
    void whatAReturningClientHoldsAndDoesNotAskForIsNotRemoved() throws Exception {
        stream = open(false, LIMITS);
        show(views.with(XdsType.ROUTE, "r", "1"));

        stream.onRequest(
                request(XdsType.ROUTE)
                        .addResourceNamesSubscribe("r")
                        .putAllInitialResourceVersions(Map.of("r", views.version(XdsType.ROUTE, "r"), "dropped", "old"))
                        .build(),
                now);

        assertThat(next()).isNull();
    }

    /** "Basic Protocol Overview": a nonce does not survive its stream. */
    @Test
    void aNonceOfAnEarlierStreamDoesNotKeepTheFirstRequestFromItsAnswer() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1"));
        ask(XdsType.CLUSTER, List.of());
        String nonce = sent().nonce();

        stream = open(true, LIMITS);
        show(views);
        Heard heard = stream.onRequest(
                request(XdsType.CLUSTER).setResponseNonce(nonce).build(), now);

        assertThat(heard).isEqualTo(Heard.NOTHING);
        assertThat(names(next())).containsExactly("a");
    }

    /** "Deleting Resources": nothing is removed that the client was never sent. */
    @Test
    void whatCameAndWentWhileAResponseWasInFlightIsNotRemoved() throws Exception {
        stream = open(false, LIMITS);
        show(views.with(XdsType.CLUSTER, "a", "1"));
        ask(XdsType.CLUSTER, List.of());
        Outgoing first = sent();
        show(views.with(XdsType.CLUSTER, "brief", "1"));
        show(views.without(XdsType.CLUSTER, "brief"));

        acknowledge(first);

        assertThat(next()).isNull();
    }

    /** It gets the response that was on its way, and keeps what it tells: it has taken up the wildcard again by then. */
    @Test
    void whatIsGoneIsRemovedEvenIfTheWildcardWasDroppedAndTakenUpAgainMeanwhile() throws Exception {
        stream = open(false, LIMITS);
        show(views.with(XdsType.CLUSTER, "a", "1").with(XdsType.CLUSTER, "b", "1"));
        ask(XdsType.CLUSTER, List.of("*"));
        Outgoing crossing = sent();
        unsubscribe(XdsType.CLUSTER, List.of("*"), "");
        ask(XdsType.CLUSTER, List.of("*"));
        show(views.without(XdsType.CLUSTER, "a"));

        acknowledge(crossing);

        Outgoing again = sent();
        assertThat(names(again)).containsExactly("b");
        assertThat(again.removed()).containsExactly("a");
    }

    /** "Duplicate Resource Names". */
    @Test
    void aNameThatIsAskedForTwiceIsSentOrDeniedOnce() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1"));

        ask(XdsType.CLUSTER, List.of("a", "none", "*", "a", "none"));

        Outgoing response = sent();
        assertThat(names(response)).containsExactly("a");
        assertThat(response.removed()).containsExactly("none");
    }

    /** "Knowing When a Requested Resource Does Not Exist". */
    @Test
    void aNameThatDoesNotExistIsDeniedAndSentOnceItDoes() throws Exception {
        show(views);
        ask(XdsType.ROUTE, List.of("r"));

        Outgoing denial = sent();
        assertThat(denial.removed()).containsExactly("r");
        acknowledge(denial);
        show(views.with(XdsType.ROUTE, "r", "1"));

        assertThat(names(next())).containsExactly("r");
    }

    /** "Subscribing to Resources"; the nonce: "Incremental xDS". */
    @Test
    void aHeldNameThatIsAskedForAgainIsSentAgainEvenWithAStaleNonce() throws Exception {
        show(views.with(XdsType.ROUTE, "r", "1"));
        ask(XdsType.ROUTE, List.of("r"));
        acknowledge(sent());

        stream.onRequest(
                request(XdsType.ROUTE)
                        .addResourceNamesSubscribe("r")
                        .setResponseNonce("stale")
                        .build(),
                now);

        assertThat(names(next())).containsExactly("r");
    }

    /** "Incremental xDS": changes of the subscription count in whatever request. */
    @Test
    void anAcknowledgementThatAlsoSubscribesDoesBoth() throws Exception {
        show(views.with(XdsType.ROUTE, "r", "1").with(XdsType.ROUTE, "s", "1"));
        ask(XdsType.ROUTE, List.of("r"));
        Outgoing first = sent();

        Unanswered inFlight = requireNonNull(stream.unanswered(XdsType.ROUTE));

        Heard heard = stream.onRequest(
                request(XdsType.ROUTE)
                        .addResourceNamesSubscribe("s")
                        .setResponseNonce(first.nonce())
                        .build(),
                now);

        assertThat(heard).isEqualTo(new Heard.Acknowledged(XdsType.ROUTE, inFlight));
        assertThat(names(next())).containsExactly("s");
    }

    /** As above. */
    @Test
    void aRefusalThatAlsoSubscribesDoesBoth() throws Exception {
        show(views.with(XdsType.ROUTE, "r", "1").with(XdsType.ROUTE, "s", "1"));
        ask(XdsType.ROUTE, List.of("r"));
        Outgoing first = sent();

        Unanswered inFlight = requireNonNull(stream.unanswered(XdsType.ROUTE));

        Heard heard = stream.onRequest(
                request(XdsType.ROUTE)
                        .addResourceNamesSubscribe("s")
                        .setResponseNonce(first.nonce())
                        .setErrorDetail(Status.newBuilder().setMessage("no"))
                        .build(),
                now);

        assertThat(heard).isEqualTo(new Heard.Refused(XdsType.ROUTE, inFlight, "no"));
        assertThat(names(next())).containsExactly("s");
    }

    /** As above, and "Unsubscribing from Resources": it needs no answer. */
    @Test
    void unsubscriptionsCountWithAStaleNonceAndBesideAnAcknowledgement() throws Exception {
        show(views.with(XdsType.ROUTE, "r", "1").with(XdsType.ROUTE, "s", "1").with(XdsType.ROUTE, "t", "1"));
        ask(XdsType.ROUTE, List.of("r", "s", "t"));
        Outgoing first = sent();

        unsubscribe(XdsType.ROUTE, List.of("r"), "stale");
        unsubscribe(XdsType.ROUTE, List.of("s"), first.nonce());

        assertThat(next()).isNull();
        show(views.with(XdsType.ROUTE, "r", "2").with(XdsType.ROUTE, "s", "2").with(XdsType.ROUTE, "t", "2"));
        assertThat(names(next())).containsExactly("t");
    }

    /** "Unsubscribing from Resources": superfluous names are passed over. */
    @Test
    void unsubscribingWhatWasNeverSubscribedToChangesNothing() throws Exception {
        show(views.with(XdsType.ROUTE, "r", "1").with(XdsType.ROUTE, "s", "1"));
        ask(XdsType.ROUTE, List.of("r"));
        acknowledge(sent());

        unsubscribe(XdsType.ROUTE, List.of("s", "none", "*"), "");

        assertThat(next()).isNull();
        show(views.with(XdsType.ROUTE, "r", "2"));
        assertThat(names(next())).containsExactly("r");
    }

    /** "Unsubscribing from Resources": the one exception. */
    @Test
    void unsubscribingANameUnderAWildcardIsAnsweredWithWhatHolds() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1"));
        ask(XdsType.CLUSTER, List.of("*", "a", "b"));
        acknowledge(sent());

        stream.onRequest(
                request(XdsType.CLUSTER)
                        .addAllResourceNamesUnsubscribe(List.of("a", "b"))
                        .build(),
                now);

        Outgoing answer = sent();
        assertThat(names(answer)).containsExactly("a");
        assertThat(answer.removed()).containsExactly("b");
    }

    /** "ACK and NACK semantics summary", "When to send an update". */
    @Test
    void aRefusedVersionIsNotSentAgainButTheNextOneIs() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "bad"));
        ask(XdsType.CLUSTER, List.of());
        Outgoing bad = sent();

        Unanswered inFlight = requireNonNull(stream.unanswered(XdsType.CLUSTER));

        Heard heard = refuse(bad);

        assertThat(heard).isEqualTo(new Heard.Refused(XdsType.CLUSTER, inFlight, "no"));
        assertThat(next()).isNull();
        assertThat(status(XdsType.CLUSTER).state()).isEqualTo(StreamStatus.State.REJECTED);
        assertThat(status(XdsType.CLUSTER).nack()).isEqualTo("no");
        show(views.with(XdsType.CLUSTER, "other", "1"));
        Outgoing other = sent();
        assertThat(names(other)).containsExactly("other");
        acknowledge(other);
        assertThat(status(XdsType.CLUSTER).state()).isEqualTo(StreamStatus.State.REJECTED);
        show(views.with(XdsType.CLUSTER, "a", "good"));
        acknowledge(sent());
        assertThat(status(XdsType.CLUSTER).state()).isEqualTo(StreamStatus.State.SYNCED);
        assertThat(status(XdsType.CLUSTER).nack()).isEmpty();
    }

    @Test
    void whileAResponseIsInFlightChangesGatherAndTheLatestWins() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1"));
        ask(XdsType.CLUSTER, List.of());
        Outgoing first = sent();
        show(views.with(XdsType.CLUSTER, "a", "2"));
        show(views.with(XdsType.CLUSTER, "a", "3"));

        assertThat(next()).isNull();
        acknowledge(first);

        Outgoing second = sent();
        assertThat(second.resources())
                .extracting(XdsResource::version)
                .containsExactly(views.version(XdsType.CLUSTER, "a"));
        acknowledge(second);
        assertThat(next()).isNull();
    }

    @Test
    void aChangeThereAndBackIsNotSent() throws Exception {
        show(views.with(XdsType.CLUSTER, "a", "1"));
        ask(XdsType.CLUSTER, List.of());
        Outgoing first = sent();
        show(views.with(XdsType.CLUSTER, "a", "2"));
        show(views.with(XdsType.CLUSTER, "a", "1"));

        acknowledge(first);

        assertThat(next()).isNull();
    }

    /** "Resource warming", with its note on Envoy. */
    @Test
    void aChangedClustersEndpointsFollowAtOnceSinceEnvoyAcknowledgesItOnlyOnceItIsWarm() throws Exception {
        everything();

        show(views.with(XdsType.CLUSTER, "c", "2"));

        Outgoing clusters = sent();
        assertThat(clusters.type()).isEqualTo(XdsType.CLUSTER);
        Outgoing endpoints = sent();
        assertThat(endpoints.type()).isEqualTo(XdsType.ENDPOINT);
        assertThat(names(endpoints)).containsExactly("c");
    }

    @Test
    void aNewClustersEndpointsAreSentWhenAskedForAndRoutesWaitUntilItIsWarm() throws Exception {
        everything();
        show(views.with(XdsType.CLUSTER, "new", "1")
                .with(XdsType.ENDPOINT, "new", "1")
                .with(XdsType.ROUTE, "l", "2"));

        Outgoing clusters = sent();
        assertThat(next()).isNull();
        ask(XdsType.ENDPOINT, List.of("new"));
        Outgoing endpoints = sent();
        assertThat(names(endpoints)).containsExactly("new");
        acknowledge(endpoints);
        assertThat(next()).as("the cluster is not acknowledged: it may be cold").isNull();
        acknowledge(clusters);
        assertThat(sent().type()).isEqualTo(XdsType.ROUTE);
    }

    /** "Eventual consistency considerations": make before break. */
    @Test
    void aWaveGoesInOrderAndRemovalsGoLast() throws Exception {
        everything();
        views.with(XdsType.CLUSTER, "new", "1").without(XdsType.CLUSTER, "c");
        views.with(XdsType.ENDPOINT, "new", "1").without(XdsType.ENDPOINT, "c");
        show(views.with(XdsType.LISTENER, "l", "2").with(XdsType.ROUTE, "l", "2"));

        Outgoing clusters = sent();
        assertThat(names(clusters)).containsExactly("new");
        assertThat(clusters.removed()).isEmpty();
        acknowledge(clusters);
        assertThat(next())
                .as("listeners wait until the new cluster's endpoints were asked for")
                .isNull();
        ask(XdsType.ENDPOINT, List.of("new"));
        Outgoing endpoints = sent();
        assertThat(names(endpoints)).containsExactly("new");
        acknowledge(endpoints);
        Outgoing listeners = sent();
        assertThat(listeners.type()).isEqualTo(XdsType.LISTENER);
        acknowledge(listeners);
        Outgoing routes = sent();
        assertThat(routes.type()).isEqualTo(XdsType.ROUTE);
        assertThat(next()).isNull();
        acknowledge(routes);
        Outgoing removal = sent();
        assertThat(removal.type()).isEqualTo(XdsType.CLUSTER);
        assertThat(removal.removed()).containsExactly("c");
    }

    /** Envoy does not ask for the endpoints of a cluster that it refuses. */
    @Test
    void aRefusedClusterHoldsRoutesAndRemovalsUpForTheGraceOnly() throws Exception {
        everything();
        views.with(XdsType.CLUSTER, "bad", "1").with(XdsType.ENDPOINT, "bad", "1");
        views.without(XdsType.CLUSTER, "c").without(XdsType.ENDPOINT, "c");
        show(views.with(XdsType.ROUTE, "l", "2"));

        refuse(sent());

        assertThat(next()).isNull();
        assertThat(stream.wakeAtNanos(now))
                .isEqualTo(now + LIMITS.subscribeGrace().toNanos());
        now = stream.wakeAtNanos(now);
        Outgoing routes = sent();
        assertThat(routes.type()).isEqualTo(XdsType.ROUTE);
        acknowledge(routes);
        Outgoing removal = sent();
        assertThat(removal.removed()).containsExactly("c");
        acknowledge(removal);
        assertThat(sent().removed()).containsExactly("c");
    }

    @Test
    void aTypeThatIsNeverAcknowledgedHoldsTheOthersUpForTheLimitOnly() throws Exception {
        everything();
        show(views.with(XdsType.CLUSTER, "c", "2").with(XdsType.ROUTE, "l", "2"));
        assertThat(sent().type()).isEqualTo(XdsType.CLUSTER);
        acknowledge(sent());
        assertThat(next()).isNull();

        assertThat(stream.wakeAtNanos(now))
                .isEqualTo(now + Duration.ofSeconds(1).toNanos());
        now = stream.wakeAtNanos(now);

        assertThat(sent().type()).isEqualTo(XdsType.ROUTE);
    }

    @Test
    void aNewClusterThatIsNeitherAcknowledgedNorAskedAboutHoldsTheOthersUpForTheLimitsOnly() throws Exception {
        everything();
        views.with(XdsType.CLUSTER, "new", "1").with(XdsType.ENDPOINT, "new", "1");
        show(views.with(XdsType.ROUTE, "l", "2"));
        assertThat(sent().type()).isEqualTo(XdsType.CLUSTER);
        long start = now;

        Outgoing routes = null;
        while (routes == null) {
            now = stream.wakeAtNanos(now);
            assertThat(now - start)
                    .isLessThanOrEqualTo(
                            LIMITS.waveLimit().plus(LIMITS.subscribeGrace()).toNanos());
            routes = next();
        }

        assertThat(routes.type()).isEqualTo(XdsType.ROUTE);
    }

    @Test
    void aLargeResponseGoesInChunks() throws Exception {
        stream = open(true, ModelRun.LIMITS);
        for (int i = 0; i < 10; i++) {
            views.with(XdsType.CLUSTER, "cluster-" + i, "1");
        }
        show(views);
        ask(XdsType.CLUSTER, List.of());

        int responses = 0;
        int resources = 0;
        for (Outgoing next = next(); next != null; next = next()) {
            responses++;
            resources += next.resources().size();
            acknowledge(next);
        }

        assertThat(responses).isGreaterThan(1);
        assertThat(resources).isEqualTo(10);
    }

    @Test
    void aChangeThatDoesNotTouchTheClientMovesItsPositionWithoutTraffic() throws Exception {
        everything();

        show(views.elsewhere());

        assertThat(next()).isNull();
        assertThat(stream.status(now).acknowledged()).isEqualTo(views.position());
    }

    @Test
    void aPositionIsNotAcknowledgedWhileWhatItChangedIsInFlight() throws Exception {
        everything();
        for (XdsType type : List.of(XdsType.ENDPOINT, XdsType.CLUSTER)) {
            var before = views.position();
            show(views.with(type, "c", "in flight"));
            Outgoing response = sent();

            assertThat(stream.status(now).state()).isEqualTo(StreamStatus.State.STALE);
            assertThat(stream.status(now).acknowledged()).as("%s", type).isEqualTo(before);
            assertThat(stream.status(now).types())
                    .filteredOn(each -> each.type() == type)
                    .extracting(StreamStatus.TypeState::acknowledged)
                    .containsExactly(before);
            acknowledge(response);
            for (Outgoing next = next(); next != null; next = next()) {
                acknowledge(next);
            }
            assertThat(stream.status(now).acknowledged()).as("%s", type).isEqualTo(views.position());
        }
    }

    @Test
    void aPositionIsNotAcknowledgedBeforeTheNewClustersEndpointsAre() throws Exception {
        everything();
        var before = views.position();
        show(views.with(XdsType.CLUSTER, "new", "1").with(XdsType.ENDPOINT, "new", "1"));
        acknowledge(sent());

        assertThat(stream.status(now).state()).isEqualTo(StreamStatus.State.STALE);
        assertThat(stream.status(now).acknowledged()).isEqualTo(before);
        ask(XdsType.ENDPOINT, List.of("new"));
        acknowledge(sent());
        assertThat(stream.status(now).state()).isEqualTo(StreamStatus.State.SYNCED);
        assertThat(stream.status(now).acknowledged()).isEqualTo(views.position());
    }

    @Test
    void aClientThatNeverAsksForAClustersEndpointsDoesNotNeedThem() throws Exception {
        everything();
        show(views.with(XdsType.CLUSTER, "new", "1").with(XdsType.ENDPOINT, "new", "1"));
        acknowledge(sent());

        now += Duration.ofSeconds(3).toNanos();
        assertThat(next()).isNull();

        assertThat(stream.status(now).acknowledged()).isEqualTo(views.position());
    }

    /** Some clients do not ask again, after a reconnect, for all that they hold: nothing waits for that, and what they keep is theirs. */
    @Test
    void aReturningClientThatDoesNotAskAgainForEndpointsAndRoutesIsServedOn() throws Exception {
        show(views.with(XdsType.CLUSTER, "c", "1")
                .with(XdsType.ENDPOINT, "c", "1")
                .with(XdsType.LISTENER, "l", "1")
                .with(XdsType.ROUTE, "l", "1"));
        for (XdsType type : List.of(XdsType.CLUSTER, XdsType.LISTENER)) {
            String name = type == XdsType.CLUSTER ? "c" : "l";
            stream.onRequest(
                    request(type)
                            .putInitialResourceVersions(name, views.version(type, name))
                            .build(),
                    now);
        }
        assertThat(next()).isNull();
        assertThat(stream.status(now).state()).as("it may ask yet").isEqualTo(StreamStatus.State.STALE);

        // First for endpoints, then for routes.
        for (int grace = 0; grace < 2; grace++) {
            now = stream.wakeAtNanos(now);
            assertThat(next()).isNull();
        }
        assertThat(stream.status(now).state()).isEqualTo(StreamStatus.State.SYNCED);
        show(views.with(XdsType.LISTENER, "l", "2").without(XdsType.CLUSTER, "c"));
        acknowledge(sent());
        Outgoing removal = sent();
        assertThat(removal.removed()).containsExactly("c");
        acknowledge(removal);
        assertThat(stream.status(now).acknowledged()).isEqualTo(views.position());
    }

    @Test
    void aTypeThatIsNotServedIsAnsweredOnceWithNothing() throws Exception {
        show(views);
        DeltaDiscoveryRequest request = DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl("type.googleapis.com/unheard.Of")
                .addResourceNamesSubscribe("x")
                .build();

        assertThat(stream.onRequest(request, now)).isInstanceOf(Heard.UnservedType.class);
        assertThat(sent().removed()).containsExactly("x");
        assertThat(stream.onRequest(request, now)).isEqualTo(Heard.NOTHING);
        assertThat(next()).isNull();
    }

    @Test
    void anAbsurdSubscriptionIsRefused() {
        List<String> names = IntStream.rangeClosed(0, LIMITS.maxNames())
                .mapToObj(i -> "name-" + i)
                .toList();

        assertThatThrownBy(() -> ask(XdsType.ENDPOINT, names))
                .isInstanceOf(TooManyNamesException.class)
                .hasMessageContaining("1001");
    }

    /** One cluster with endpoints, one listener with routes, all acknowledged. */
    private void everything() throws Exception {
        views.with(XdsType.CLUSTER, "c", "1").with(XdsType.ENDPOINT, "c", "1");
        show(views.with(XdsType.LISTENER, "l", "1").with(XdsType.ROUTE, "l", "1"));
        ask(XdsType.CLUSTER, List.of());
        acknowledge(sent());
        ask(XdsType.ENDPOINT, List.of("c"));
        acknowledge(sent());
        ask(XdsType.LISTENER, List.of());
        acknowledge(sent());
        ask(XdsType.ROUTE, List.of("l"));
        acknowledge(sent());
        assertThat(stream.status(now).state()).isEqualTo(StreamStatus.State.SYNCED);
    }

    private void show(Views shown) {
        stream.onView(shown.view(), now);
    }

    private static DeltaDiscoveryRequest.Builder request(XdsType type) {
        return DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.typeUrl());
    }

    private void ask(XdsType type, List<String> names) throws TooManyNamesException {
        stream.onRequest(request(type).addAllResourceNamesSubscribe(names).build(), now);
    }

    private void unsubscribe(XdsType type, List<String> names, String nonce) throws TooManyNamesException {
        stream.onRequest(
                request(type)
                        .addAllResourceNamesUnsubscribe(names)
                        .setResponseNonce(nonce)
                        .build(),
                now);
    }

    private @Nullable Outgoing next() {
        return stream.poll(now);
    }

    private Outgoing sent() {
        Outgoing next = next();
        if (next == null) {
            throw new AssertionError("nothing is sent");
        }
        return next;
    }

    private void acknowledge(Outgoing response) throws TooManyNamesException {
        Heard heard = stream.onRequest(
                DeltaDiscoveryRequest.newBuilder()
                        .setTypeUrl(response.typeUrl())
                        .setResponseNonce(response.nonce())
                        .build(),
                now);
        assertThat(heard).isInstanceOf(Heard.Acknowledged.class);
    }

    private Heard refuse(Outgoing response) throws TooManyNamesException {
        return stream.onRequest(
                DeltaDiscoveryRequest.newBuilder()
                        .setTypeUrl(response.typeUrl())
                        .setResponseNonce(response.nonce())
                        .setErrorDetail(Status.newBuilder().setMessage("no"))
                        .build(),
                now);
    }

    private StreamStatus.TypeState status(XdsType type) {
        return stream.status(now).types().stream()
                .filter(state -> state.type() == type)
                .findFirst()
                .orElseThrow();
    }

    private static List<String> names(@Nullable Outgoing response) {
        return response == null
                ? List.of()
                : response.resources().stream().map(XdsResource::name).toList();
    }
}
