package io.meridian.replicator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.meridian.api.type.v1.Actor;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.core.ProxyDirectory.ConfigQuery;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.ResourceLimits;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import io.meridian.model.resource.ResourceKey;
import io.meridian.replicator.core.Chain;
import io.meridian.replicator.fixture.Await;
import io.meridian.replicator.fixture.MemoryRegion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a region sees of the others, and what it may ask of them. */
public class PeersTest {
    private static final MeshId BOOKINFO = new MeshId("bookinfo");
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private MemoryRegion eu;
    private MemoryRegion us;
    private final Epoch epochOfEu = Epoch.NONE.next(1);

    /** Overridden where regions have another transport. */
    protected MemoryRegion region(String name, int index) {
        return new MemoryRegion(name, index);
    }

    @BeforeEach
    void makeRegions() {
        eu = region("eu-1", 1);
        us = region("us-1", 2);
    }

    @AfterEach
    void stopAll() {
        eu.close();
        us.close();
    }

    @Test
    void aForwardedCommandIsExecutedOnceAndItsEventsComeBack() throws Exception {
        eu.start(us);
        us.start(eu);

        CommandOutcome created = us.peer(eu)
                .execute(create("c-1"), Epoch.NONE, TIMEOUT)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        CommandOutcome again = us.peer(eu)
                .execute(create("c-1"), Epoch.NONE, TIMEOUT)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);

        CommandOutcome.Accepted accepted = (CommandOutcome.Accepted) created;
        assertThat(accepted.position()).isEqualTo(eu.logs().head(BOOKINFO).position());
        assertThat(((CommandOutcome.Accepted) again).replayed()).isTrue();
        Await.until(
                "the replica holds it",
                () -> us.logs().head(BOOKINFO).equals(eu.logs().head(BOOKINFO)));
    }

    /** What waits for a new epoch, as an old home does that holds writes, must not wait for a timer. */
    @Test
    void theLogsAreToldOnceOfAnEpochThatAnotherRegionOpened() throws Exception {
        eu.start(us);
        us.start(eu);
        us.peer(eu)
                .execute(create("c-1"), Epoch.NONE, TIMEOUT)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        Await.until("it is told", () -> us.logs().heardOf(BOOKINFO) == 1);

        us.peer(eu)
                .execute(request("c-2", new MeshCommand.DeleteMesh()), Epoch.NONE, TIMEOUT)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        Await.until(
                "the grown head is known",
                () -> us.peer(eu)
                        .lastKnownHead(BOOKINFO)
                        .equals(Optional.of(eu.logs().head(BOOKINFO))));
        assertThat(us.logs().heardOf(BOOKINFO)).isEqualTo(1);
    }

    @Test
    void theLargestChangeSetIsForwardedAndItsEventsComeBack() throws Exception {
        eu.start(us);
        us.start(eu);
        us.peer(eu)
                .execute(create("c-1"), Epoch.NONE, TIMEOUT)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        List<MeshCommand.ResourceIntent> intents = new ArrayList<>();
        int count = 6;
        for (int i = 0; i < count; i++) {
            String text = "x".repeat(ResourceLimits.MAX_SET_BYTES / count - 100);
            intents.add(new MeshCommand.Put(
                    new ResourceKey("networking.istio.io", "VirtualService", "default", "large-" + i),
                    MeshCommand.Origin.UNKNOWN,
                    "networking.istio.io/v1",
                    Map.of(),
                    Map.of(),
                    ByteString.copyFromUtf8("{\"text\":\"" + text + "\"}"),
                    Optional.empty()));
        }

        CommandOutcome outcome = us.peer(eu)
                .execute(request("c-2", new MeshCommand.ApplyResources(intents)), Epoch.NONE, Duration.ofSeconds(20))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);

        assertThat(outcome).isInstanceOf(CommandOutcome.Accepted.class);
        Await.until(
                "the replica holds it",
                () -> us.logs().head(BOOKINFO).equals(eu.logs().head(BOOKINFO)));
    }

    @Test
    void aRefusalComesBackWithItsReasons() throws Exception {
        eu.start(us);
        us.start(eu);
        CommandRequest request = request("c-1", new MeshCommand.DeleteMesh());

        CommandOutcome outcome = us.peer(eu)
                .execute(request, Epoch.NONE, TIMEOUT)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);

        assertThat(outcome).isInstanceOf(CommandOutcome.Rejected.class);
        assertThat(((CommandOutcome.Rejected) outcome).violations()).isNotEmpty();
    }

    @Test
    void aCommandForARegionThatIsDownIsUnavailableAndCertainlyNotExecuted() throws Exception {
        us.start(eu);

        CommandOutcome outcome = us.peer(eu)
                .execute(create("c-1"), Epoch.NONE, TIMEOUT)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);

        assertThat(outcome).isInstanceOf(CommandOutcome.Unavailable.class);
        assertThat(eu.home().executed()).isZero();
    }

    @Test
    void aCommandWhoseAnswerNeverComesIsUnknown() throws Exception {
        eu.start(us);
        us.start(eu);
        eu.home().holdAnswers();

        CommandOutcome outcome = us.peer(eu)
                .execute(create("c-1"), Epoch.NONE, Duration.ofMillis(300))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        CommandOutcome.Unknown.class,
                        unknown -> assertThat(unknown.commandId()).isEqualTo("c-1"));
        assertThat(eu.home().executed()).isEqualTo(1);
    }

    @Test
    void aCommandWhoseRegionDiesMeanwhileIsUnknown() throws Exception {
        eu.start(us);
        us.start(eu);
        eu.home().holdAnswers();
        CompletableFuture<CommandOutcome> outcome =
                us.peer(eu).execute(create("c-1"), Epoch.NONE, TIMEOUT).toCompletableFuture();
        Await.until("it arrived", () -> eu.home().executed() == 1);

        eu.stop();

        assertThat(outcome.get(10, TimeUnit.SECONDS)).isInstanceOf(CommandOutcome.Unknown.class);
    }

    @Test
    void theEpochThatTheSenderBelievesInGoesWithTheCommand() throws Exception {
        eu.start(us);
        us.start(eu);

        CommandOutcome outcome = us.peer(eu)
                .execute(create("c-1"), epochOfEu, TIMEOUT)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);

        assertThat(outcome).isInstanceOf(CommandOutcome.Accepted.class);
        assertThat(eu.home().lastExpected()).isEqualTo(epochOfEu);
    }

    @Test
    void headsAreExchangedAndSilenceIsNoticed() {
        eu.start(us);
        us.start(eu);
        Await.until(
                "both see each other",
                () -> us.peer(eu).heard()
                        && us.peer(eu).reachable()
                        && eu.peer(us).reachable());
        Chain chain = new Chain(BOOKINFO).add(epochOfEu, 3);
        eu.logs().write(BOOKINFO, chain.events());
        Await.until(
                "the head is known", () -> us.peer(eu).lastKnownHead(BOOKINFO).equals(Optional.of(chain.head())));
        Await.until(
                "and the replica's at the home",
                () -> eu.peer(us).lastKnownHead(BOOKINFO).equals(Optional.of(chain.head())));

        eu.stop();
        Await.until("the silence is noticed", () -> !us.peer(eu).reachable());
        assertThat(us.peer(eu).silentFor()).isGreaterThan(Duration.ofSeconds(1));
        assertThat(us.peer(eu).lastKnownHead(BOOKINFO))
                .as("what was known stays known")
                .contains(chain.head());

        eu.start(us);
        Await.until("it is back", () -> us.peer(eu).reachable());
    }

    @Test
    void proxiesOfAnotherRegionAreListedAndARegionThatIsDownFailsInTime() throws Exception {
        ProxyStatus proxy = ProxyStatus.newBuilder()
                .setNode("sidecar~10.0.0.1~a.b~c")
                .setMesh("bookinfo")
                .build();
        ProxyStatus other = ProxyStatus.newBuilder()
                .setNode("sidecar~10.0.0.2~a.b~c")
                .setMesh("shop")
                .build();
        eu.serves(proxy, other);
        eu.start(us);
        us.start(eu);

        assertThat(us.peer(eu)
                        .proxies(Optional.of(BOOKINFO), TIMEOUT)
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .containsExactly(proxy);
        assertThat(us.peer(eu)
                        .proxies(Optional.empty(), TIMEOUT)
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .containsExactly(proxy, other);
        eu.stop();
        assertThatThrownBy(() -> us.peer(eu)
                        .proxies(Optional.empty(), Duration.ofMillis(500))
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .hasMessageContaining("UNAVAILABLE");
    }

    @Test
    void whatAProxyOfAnotherRegionIsServedIsAskedThere() throws Exception {
        eu.serves(ProxyStatus.newBuilder().setNode("a").setMesh("bookinfo").build());
        eu.start(us);
        us.start(eu);

        assertThat(us.peer(eu)
                        .served(new ConfigQuery(BOOKINFO, "a", List.of("RDS"), "reviews"), TIMEOUT)
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .extracting(ServedResource::getType, ServedResource::getName)
                .containsExactly(tuple("RDS", "reviews"), tuple("SDS", ""));
        assertThatThrownBy(() -> us.peer(eu)
                        .served(new ConfigQuery(BOOKINFO, "b", List.of(), ""), TIMEOUT)
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .hasMessageContaining("NOT_FOUND: no proxy b");
    }

    @Test
    void anotherRegionAtThePeersAddressIsNotTakenForIt() {
        Replicator stranger = Replicator.create(new ReplicatorSettings(
                new RegionId("ap-1", 3),
                List.of(new ReplicatorSettings.PeerSettings(us.id(), eu.asPeer().address(), "", "", false)),
                false));
        eu.start(us);
        eu.logs().write(BOOKINFO, new Chain(BOOKINFO).add(epochOfEu, 3).events());
        try (stranger) {
            stranger.start(us.logs(), us.home(), us.logs(), us.inventories(), us.directory(), us.duties());
            us.start(eu);
            Await.until(
                    "us-1 has heard eu-1",
                    () -> us.peer(eu).lastKnownHead(BOOKINFO).isPresent());
            assertThat(stranger.peers().peers().getFirst().reachable()).isFalse();
            assertThat(stranger.peers().peers().getFirst().heard()).isFalse();
            assertThat(stranger.peers().peers().getFirst().lastKnownHead(BOOKINFO))
                    .isEmpty();
        }
    }

    @Test
    void aPeerListThatNamesARegionTwiceIsRefused() {
        assertThatThrownBy(() -> new ReplicatorSettings(eu.id(), List.of(us.asPeer(), us.asPeer()), false))
                .hasMessageContaining("us-1");
        assertThatThrownBy(() -> new ReplicatorSettings(eu.id(), List.of(eu.asPeer()), false))
                .hasMessageContaining("eu-1");
    }

    private static CommandRequest create(String id) {
        return request(id, new MeshCommand.CreateMesh(MeshSpec.getDefaultInstance()));
    }

    private static CommandRequest request(String id, MeshCommand command) {
        return new CommandRequest(
                BOOKINFO,
                id,
                Actor.newBuilder().setSubject("alice").build(),
                "a test",
                "us-1",
                Optional.empty(),
                false,
                command);
    }
}
