#!/usr/bin/env bash
# Remakes the teachers, the student, their cards and the replay set from the data: an hour or two on two cores (the cards say how long it was).
#   resources/models/make.sh DATA OUT
# DATA: Hyper-KVASIR's lower GI frames with manifest.csv. OUT: a new folder; look at it, then put its folders in place of these here.
# A run that was killed is resumed by the same command.
set -euo pipefail
data=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
export OMP_WAIT_POLICY=PASSIVE
name="Hyper-KVASIR labelled images, lower GI subset (2,307 frames at 256 px), CC BY 4.0; cite Borgli et al. 2020, Scientific Data 7:283, doi 10.1038/s41597-020-00622-y"
common=(--data "$data" --split "$here/split.json" --ignore-unknown)
training=("${common[@]}" --data-name "$name" --cache "$out/kd-cache")

done_with() { [ -f "$1/card.json" ] && [ ! -f "$1/run-state.safetensors" ]; }

for backbone in efficientnet_lite0 efficientnet_lite1; do
  done_with "$out/teachers/$backbone" || kd-core train-teacher "${training[@]}" --backbone "$backbone" --epochs 6 --out "$out/teachers/$backbone"
done
done_with "$out/student" || kd-core distil "${training[@]}" --scheme response --teachers "$out/teachers/efficientnet_lite0,$out/teachers/efficientnet_lite1" \
  --epochs 110 --views 8 --weight outlier_exposure=0.5 --out "$out/student"

# The test part is opened here and nowhere before.
for model in student teachers/efficientnet_lite0 teachers/efficientnet_lite1; do
  [ -f "$out/$model/card.md" ] || kd-core card --part test "${common[@]}" --model "$out/$model"
done

# What retraining remembers old classes by: the student's own view of images that it was trained on, and of others to check it by.
[ -f "$out/replay.safetensors" ] || kd-core replay "${common[@]}" --source "$name" --model "$out/student" \
  --teachers "$out/teachers/efficientnet_lite0,$out/teachers/efficientnet_lite1" --out "$out/replay.safetensors"
