#!/usr/bin/env bash
# Remakes the teachers, the student, their cards and the replay set from the data: some two hours on two cores (the cards say how long each took).
#   resources/models/make.sh DATA OUT
# DATA: Hyper-KVASIR's lower GI frames with manifest.csv. OUT: a new folder; look at it, then put its folders in place of these here.
# A run that was killed is resumed by the same command.
set -euo pipefail
data=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
export OMP_WAIT_POLICY=PASSIVE
name="Hyper-KVASIR labelled images, lower GI subset (2,307 frames at 256 px), CC BY 4.0; cite Borgli et al. 2020, Scientific Data 7:283, doi 10.1038/s41597-020-00622-y"
common=(--data "$data" --split "$here/split.json")
training=("${common[@]}" --data-name "$name" --cache "$out/kd-cache" --cache-gb 12)

done_with() { [ -f "$1/card.json" ] && [ ! -f "$1/run-state.safetensors" ]; }

teachers=""
for pair in efficientnet_lite0:9 efficientnet_lite1:7 efficientnet_lite2:5; do
  backbone=${pair%:*}
  teachers="$teachers${teachers:+,}$out/teachers/$backbone"
  done_with "$out/teachers/$backbone" || kd-core train-teacher "${training[@]}" --backbone "$backbone" --epochs "${pair#*:}" --views 10 --out "$out/teachers/$backbone"
done
done_with "$out/student" || kd-core distil "${training[@]}" --scheme response --teachers "$teachers" \
  --epochs 320 --views 16 --sizes 112:0.3,160:0.3,224 --weight outlier_exposure=0.5 --out "$out/student"

# The test part is opened here and nowhere before; each opening is noted in split.openings.jsonl.
for model in student teachers/efficientnet_lite0 teachers/efficientnet_lite1 teachers/efficientnet_lite2; do
  [ -f "$out/$model/card.md" ] || kd-core card --part test "${common[@]}" --model "$out/$model"
done

# What retraining remembers old classes by: the student's own view of images that it was trained on, and of others to check it by.
[ -f "$out/replay.safetensors" ] || kd-core replay "${common[@]}" --source "$name" --model "$out/student" --teachers "$teachers" --out "$out/replay.safetensors"
