package io.meridian.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.persistence.fixture.CassandraServer;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A region whose journal is a cluster goes on after the cluster did not answer for a while. */
class CassandraAwayTest {
    private static final MeshId MESH = new MeshId("bookinfo");

    @TempDir
    Path data;

    @Test
    void callersAreToldAndTheRegionGoesOnByItself() {
        Config impatient = ConfigFactory.parseString("meridian.journal.cassandra.request-timeout = 1s")
                .withFallback(JournalKind.CASSANDRA.settings(data));
        try (TestRegion region = TestRegion.start(TestRegion.EU, data, new FakePeers(), List.of(), impatient)) {
            Position created = region.create(MESH);
            CommandRequest request = region.request(MESH, TestRegion.label("meanwhile"));
            CassandraServer.pause();
            try {
                assertThat(Await.get(region.core().commands().execute(request, TestRegion.TIMEOUT)))
                        .isInstanceOfAny(CommandOutcome.Unknown.class, CommandOutcome.Unavailable.class);
                assertThat(region.execute(MESH, TestRegion.label("refused")))
                        .isInstanceOfAny(CommandOutcome.Unknown.class, CommandOutcome.Unavailable.class);
            } finally {
                CassandraServer.resume();
            }

            Await.until(
                    "the command is accepted",
                    () -> Await.get(region.core().commands().execute(request, TestRegion.TIMEOUT))
                            instanceof CommandOutcome.Accepted);
            // Whether what was refused had arrived is the cluster's to say; the first command is there once.
            assertThat(region.log(MESH).stream()
                            .filter(event -> event.header().getCommandId().equals(request.commandId())))
                    .hasSize(1);
            assertThat(region.latest(MESH).head().position().seq())
                    .isEqualTo(region.log(MESH).size())
                    .isBetween(created.seq() + 1, created.seq() + 2);
        }
    }
}
