package io.meridian.model.mesh;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;

/** Uids without randomness: the same command on the same object gives the same uid, and command ids are never used twice. */
final class Uids {
    private Uids() {}

    static String of(String commandId, String object) {
        return UUID.nameUUIDFromBytes((commandId + "\n" + object).getBytes(UTF_8))
                .toString();
    }
}
