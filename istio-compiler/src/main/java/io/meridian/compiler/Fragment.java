package io.meridian.compiler;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Serialized fields of a message, with a hash by which they are told from others. What is put together from fragments is hashed over their
 * hashes (a Merkle tree of SHA-256), so that a small change of a large message costs little. Immutable.
 *
 * <p>Law: the hash depends on the bytes and on where they are divided alone. Who makes a message in several ways has to divide it the same way
 * in all of them.
 */
public final class Fragment {
    /** 128 bits: as unlikely to meet as two UUIDs, and nobody can make two that do. */
    private static final int VERSION_BYTES = 16;

    // What stands before the hashed bytes, so that no bytes can pass for a list of hashes.
    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private final ByteString bytes;
    private final byte[] hash;

    private Fragment(ByteString bytes, byte[] hash) {
        this.bytes = bytes;
        this.hash = hash;
    }

    public static Fragment of(ByteString bytes) {
        MessageDigest digest = sha256(LEAF);
        for (ByteBuffer buffer : bytes.asReadOnlyByteBufferList()) {
            digest.update(buffer);
        }
        return new Fragment(bytes, digest.digest());
    }

    /** One after the other, copied into one array: for few or small ones. */
    public static Fragment copied(List<Fragment> parts) {
        int size = 0;
        for (Fragment part : parts) {
            size += part.bytes.size();
        }
        byte[] all = new byte[size];
        int at = 0;
        for (Fragment part : parts) {
            part.bytes.copyTo(all, at);
            at += part.bytes.size();
        }
        return new Fragment(com.google.protobuf.UnsafeByteOperations.unsafeWrap(all), hashOf(parts));
    }

    /** One after the other, sharing the bytes of the parts. Equal to {@link #copied} of the same. */
    public static Fragment joined(List<Fragment> parts) {
        ByteString all = ByteString.copyFrom(parts.stream().map(Fragment::bytes).toList());
        return new Fragment(all, hashOf(parts));
    }

    private static byte[] hashOf(List<Fragment> parts) {
        MessageDigest digest = sha256(NODE);
        for (Fragment part : parts) {
            digest.update(part.hash);
        }
        return digest.digest();
    }

    private static MessageDigest sha256(byte kind) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(kind);
            return digest;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    public ByteString bytes() {
        return bytes;
    }

    /** Names the content in 22 characters of base64url; the same for the same content everywhere. */
    public String version() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, VERSION_BYTES));
    }

    /** By the hash. */
    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof Fragment that && Arrays.equals(hash, that.hash));
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(hash);
    }

    @Override
    public String toString() {
        return version() + " (" + bytes.size() + " bytes)";
    }
}
