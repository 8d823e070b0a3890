package io.meridian.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.meridian.core.rpc.Errors;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.persistence.fixture.JournalKind;
import io.meridian.persistence.fixture.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A region whose journal is a server goes on after the server was away. */
class PostgresAwayTest {
    private static final MeshId MESH = new MeshId("bookinfo");

    @TempDir
    Path data;

    /** Of nobody: a connection to the same server that the outage spares. */
    @TempDir
    Path elsewhere;

    @Test
    void callersAreToldAndTheRegionGoesOnByItself() throws Exception {
        try (TestRegion region = TestRegion.start(TestRegion.EU, JournalKind.POSTGRESQL, data, new FakePeers());
                Connection admin = PostgresServer.connect(elsewhere)) {
            Position created = region.create(MESH);
            String database = database();
            execute(admin, "ALTER DATABASE " + database + " ALLOW_CONNECTIONS false");
            execute(admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database + "'");

            CommandRequest request = region.request(MESH, TestRegion.label("meanwhile"));
            assertThat(Await.get(region.core().commands().execute(request, TestRegion.TIMEOUT)))
                    .isInstanceOfAny(CommandOutcome.Unknown.class, CommandOutcome.Unavailable.class);
            Await.until(
                    "a write is refused at once",
                    () -> region.execute(MESH, TestRegion.label("refused")) instanceof CommandOutcome.Unavailable);
            assertThat(statusOfARead(region)).isEqualTo(Status.Code.UNAVAILABLE);

            execute(admin, "ALTER DATABASE " + database + " ALLOW_CONNECTIONS true");
            Await.until(
                    "the command is accepted",
                    () -> Await.get(region.core().commands().execute(request, TestRegion.TIMEOUT))
                            instanceof CommandOutcome.Accepted);
            assertThat(region.latest(MESH).head().position().seq()).isEqualTo(created.seq() + 1);
            assertThat(region.log(MESH)).hasSize((int) created.seq() + 1);
        }
    }

    /** As a client sees it. */
    private static Status.Code statusOfARead(TestRegion region) throws Exception {
        try {
            region.core()
                    .states()
                    .latest(MESH, Optional.empty(), TestRegion.TIMEOUT)
                    .toCompletableFuture()
                    .get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
            return Status.Code.OK;
        } catch (ExecutionException e) {
            return Errors.of(e).getStatus().getCode();
        }
    }

    private String database() throws SQLException {
        try (Connection connection = PostgresServer.connect(data);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT current_database()")) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
