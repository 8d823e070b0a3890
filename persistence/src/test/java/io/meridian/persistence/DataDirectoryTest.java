package io.meridian.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meridian.model.position.RegionId;
import io.meridian.persistence.fixture.JournalKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    private static final RegionId EU = new RegionId("eu-1", 1);

    @TempDir
    Path parent;

    @Test
    void isCreatedAndCanBeOpenedAgainAfterItWasClosed() {
        Path path = parent.resolve("a/b");
        DataDirectory.open(path, EU, false).close();

        try (DataDirectory again = DataDirectory.open(path, EU, false)) {
            assertThat(again.path()).isDirectory();
        }
    }

    @Test
    void isRefusedWhileSomebodyElseHasIt() {
        try (DataDirectory first = DataDirectory.open(parent, EU, false)) {
            assertThat(first.path()).isEqualTo(parent);
            assertThatThrownBy(() -> DataDirectory.open(parent, EU, false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in use by another process");
            assertThatThrownBy(() -> DataDirectory.open(parent, EU, true)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void isSharedByThoseWhoSaySo() {
        try (DataDirectory first = DataDirectory.open(parent, EU, true);
                DataDirectory second = DataDirectory.open(parent, EU, true)) {
            assertThat(first.path()).isEqualTo(second.path());
            assertThatThrownBy(() -> DataDirectory.open(parent, EU, false)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void belongsToOneRegion() {
        DataDirectory.open(parent, EU, false).close();

        assertThatThrownBy(() -> DataDirectory.open(parent, new RegionId("eu-1", 2), false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("belongs to region 'eu-1 1'");
    }

    @Test
    void aJournalThatIsNoDatabaseIsRefused() throws IOException {
        Files.writeString(parent.resolve("journal.db"), "this is not a database, is it? ".repeat(100));

        assertThatThrownBy(() -> JournalKind.SQLITE.journal(parent).prepare(EU))
                .isInstanceOf(LogDamagedException.class)
                .hasMessageContaining("journal.db");
    }
}
