// Reads a C2SP tlog-tiles log with golang.org/x/mod/sumdb: opens its note, proves the inclusion of every leaf and
// the consistency with each older checkpoint that is named, all from tiles and entry bundles fetched over HTTP.
package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type tiles struct {
	prefix string
	kept   map[string][]byte
}

func (t tiles) Height() int { return height }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, len(wanted))
	for i, tile := range wanted {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		if t.kept[path] == nil {
			data, err := fetch(t.prefix + path)
			if err != nil {
				return nil, err
			}
			t.kept[path] = data
		}
		read[i] = t.kept[path]
	}
	return read, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func fetch(url string) ([]byte, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func head(prefix, vkey, origin string) tlog.Tree {
	raw, err := fetch(prefix + "checkpoint")
	must(err)
	verifier, err := note.NewVerifier(vkey)
	must(err)
	opened, err := note.Open(raw, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != origin {
		must(fmt.Errorf("the checkpoint is not of %s: %q", origin, opened.Text))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

func entries(prefix string, size int64) [][]byte {
	var all [][]byte
	for n := int64(0); n*256 < size; n++ {
		width := min(int(size-n*256), 256)
		path := strings.TrimPrefix(tlog.Tile{H: height, L: 0, N: n, W: width}.Path(), "tile/8/0/")
		data, err := fetch(prefix + "tile/entries/" + path)
		must(err)
		for len(data) > 1 {
			length := int(data[0])<<8 | int(data[1])
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
	}
	return all
}

func main() {
	prefix, vkey, origin, older := os.Args[1], os.Args[2], os.Args[3], os.Args[4:]
	tree := head(prefix, vkey, origin)
	reader := tlog.TileHashReader(tree, tiles{prefix, map[string][]byte{}})
	leaves := entries(prefix, tree.N)
	if int64(len(leaves)) != tree.N {
		must(fmt.Errorf("%d leaves of %d", len(leaves), tree.N))
	}
	for n, leaf := range leaves {
		proof, err := tlog.ProveRecord(tree.N, int64(n), reader)
		must(err)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), tlog.RecordHash(leaf)))
	}
	for _, known := range older {
		text, root, _ := strings.Cut(known, ":")
		size, err := strconv.ParseInt(text, 10, 64)
		must(err)
		hash, err := hex.DecodeString(root)
		must(err)
		proof, err := tlog.ProveTree(tree.N, size, reader)
		must(err)
		must(tlog.CheckTree(proof, tree.N, tree.Hash, size, tlog.Hash(hash)))
	}
	fmt.Printf("%d leaves, %d checkpoints\n", len(leaves), len(older))
}
