package io.meridian.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.typesafe.config.ConfigFactory;
import io.meridian.kafka.KafkaSettings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServerConfigTest {
    private static final String THREE_REGIONS = """
            meridian {
              region { name = "eu-1", index = 1 }
              data-dir = "/tmp/eu-1"
              admin.bind = "127.0.0.1:7001"
              peers = [
                { name = "us-1", index = 2, address = "127.0.0.1:7102", admin-address = "127.0.0.1:7101", xds-address = "127.0.0.1:7103" }
                { name = "ap-1", index = 3, address = "[::1]:7202", witness = true }
              ]
            }
            """;

    @Test
    void aFileIsReadOverTheDefaults(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("region.conf"), THREE_REGIONS);
        ServerConfig config = ServerConfig.load(file.toFile());
        assertThat(config.region().name()).isEqualTo("eu-1");
        assertThat(config.adminBind().toString()).isEqualTo("127.0.0.1:7001");
        assertThat(config.xdsBind().host()).isEqualTo("127.0.0.1");
        assertThat(config.metricsBind()).isEmpty();
        assertThat(config.warmUp()).isZero();
        assertThat(config.peers())
                .extracting(peer -> peer.id().index() + " " + peer.address() + " " + peer.adminAddress())
                .containsExactly("2 127.0.0.1:7102 127.0.0.1:7101", "3 [::1]:7202 ");
        assertThat(config.peers()).extracting(ServerConfig.Peer::witness).containsExactly(false, true);
    }

    @Test
    void aFileMayTakeValuesFromTheEnvironment(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("region.conf"),
                "meridian { data-dir = x, journal.postgresql.password = ${PATH}, journal.postgresql.user = ${?NOT_SET} }");
        ServerConfig config = ServerConfig.load(file.toFile());
        assertThat(config.own().getString("meridian.journal.postgresql.password"))
                .isEqualTo(System.getenv("PATH"));
    }

    @Test
    void aValueThatTheEnvironmentLacksIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("region.conf"), "meridian.journal.postgresql.password = ${MERIDIAN_NOT_SET}");
        assertThatThrownBy(() -> ServerConfig.load(file.toFile()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("MERIDIAN_NOT_SET");
    }

    @Test
    void whatCassandrasDriverIsToldIsNotOursToKnow() {
        String driver = "meridian { data-dir = x, journal.cassandra.driver.advanced.ssl-engine-factory.class = X }";
        assertThat(ServerConfig.of(ConfigFactory.parseString(driver))
                        .own()
                        .getString("meridian.journal.cassandra.driver.advanced.ssl-engine-factory.class"))
                .isEqualTo("X");
        assertThatThrownBy(() -> ServerConfig.of(
                        ConfigFactory.parseString("meridian { data-dir = x, journal.cassandra.keyspac = y }")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("meridian.journal.cassandra.keyspac: unknown key");
    }

    @Test
    void byDefaultNothingListensBeyondLoopback() {
        ServerConfig config = ServerConfig.of(ConfigFactory.parseString("meridian.data-dir = x"));
        assertThat(config.adminBind().toSocketAddress().getAddress().isLoopbackAddress())
                .isTrue();
        assertThat(config.peerBind().toSocketAddress().getAddress().isLoopbackAddress())
                .isTrue();
        assertThat(config.xdsBind().toSocketAddress().getAddress().isLoopbackAddress())
                .isTrue();
    }

    @Test
    void kafkaIsUsedWhereItIsAskedFor() {
        assertThat(ServerConfig.of(ConfigFactory.parseString("meridian.data-dir = x"))
                        .kafka())
                .isEmpty();
        KafkaSettings kafka =
                ServerConfig.of(ConfigFactory.parseString("""
                        meridian {
                          data-dir = x
                          replication {
                            transport = kafka
                            kafka {
                              bootstrap-servers = "k1:9092,k2:9092"
                              topic { partitions = 6, retention = 2d }
                              client { security.protocol = SSL, ssl { truststore.location = "/etc/ca.p12" }, "sasl.mechanism" = PLAIN }
                            }
                          }
                        }
                        """)).kafka().orElseThrow();
        assertThat(kafka.bootstrapServers()).isEqualTo("k1:9092,k2:9092");
        assertThat(kafka.topicPrefix()).isEqualTo("meridian");
        assertThat(kafka.creation()).contains(new KafkaSettings.Creation(6, 3, 2, Duration.ofDays(2)));
        assertThat(kafka.client())
                .containsOnly(
                        entry("security.protocol", "SSL"),
                        entry("ssl.truststore.location", "/etc/ca.p12"),
                        entry("sasl.mechanism", "PLAIN"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "meridian.data-dir = \"\"|meridian.data-dir",
                "meridian { data-dir = x, adminn.bind = y }|meridian.adminn.bind",
                "meridian { data-dir = x, journal.kindd = y }|meridian.journal.kindd",
                "meridian { data-dir = x, admin.bind = \"localhost\" }|meridian.admin.bind",
                "meridian { data-dir = x, xds.bind = \"127.0.0.1:70000\" }|meridian.xds.bind",
                "meridian { data-dir = x, xds.warm-up = -1s }|meridian.xds.warm-up",
                "meridian { data-dir = x, region.index = 64 }|meridian.region",
                "meridian { data-dir = x, region.name = \"EU 1\" }|meridian.region",
                "meridian { data-dir = x, peers = [{ name = local, index = 1, address = \"h:1\" }] }|meridian.peers[0].name",
                "meridian { data-dir = x, peers = [{ name = b, index = 0, address = \"h:1\" }] }|meridian.peers[0].index",
                "meridian { data-dir = x, peers = [{ name = b, index = 1, address = \"h:1\", port = 3 }] }|meridian.peers[0].port",
                "meridian { data-dir = x, replication.transport = pigeons }|meridian.replication.transport",
                "meridian { data-dir = x, replication.transport = kafka }|meridian.replication.kafka.bootstrap-servers",
                "meridian { data-dir = x, replication.kafka.topics = y }|meridian.replication.kafka.topics",
                "meridian { data-dir = x, replication { transport = kafka, kafka { bootstrap-servers = \"h:1\", topic.partitions = 0 } } }|meridian.replication.kafka.topic.partitions",
                "meridian { data-dir = x, replication { transport = kafka, kafka { bootstrap-servers = \"h:1\", client.acks = 1 } } }|meridian.replication.kafka.client.acks",
            })
    void whatCannotBeUsedIsRefusedByTheNameOfItsKey(String text, String key) {
        assertThatThrownBy(() -> ServerConfig.of(ConfigFactory.parseString(text)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith(key);
    }

    @Test
    void aMissingFileIsRefused() {
        assertThatThrownBy(() -> ServerConfig.load(new File("/nonexistent.conf")))
                .hasMessageContaining("there is no file /nonexistent.conf");
    }
}
